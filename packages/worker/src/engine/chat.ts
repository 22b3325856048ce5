/** Who wrote a message. */
export type ChatRole = "system" | "user" | "assistant" | "tool";

/** One message of a conversation; its content is text. */
export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
  /** What the model thought before it answered. */
  readonly reasoning?: string | undefined;
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** The call that a message of the role `tool` answers. */
  readonly toolCallId?: string | undefined;
}

/** A call of a tool that the model has asked for; `arguments` is JSON text. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** A tool that the model may call. */
export interface Tool {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Whether the model may, must not or must call a tool, or this one. */
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** A conversation that the model is to continue. */
export interface Chat {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
}
