import { Template } from "@huggingface/jinja";
import type { LlamaModel } from "node-llama-cpp";
import { WorkerError } from "inference-worker-protocol";
import type { Chat, ChatMessage } from "../chat.js";

/** What a template is made from: the metadata of a model file. */
export interface ChatTemplateParts {
  readonly source: string | undefined;
  readonly bosToken: string | null;
  readonly eosToken: string | null;
}

/** The chat template that is in a model file: Jinja, as Hugging Face defines it. It is parsed when it is first used. */
export class ChatTemplate {
  readonly #parts: ChatTemplateParts;
  #template: Template | undefined;

  constructor(parts: ChatTemplateParts) {
    this.#parts = parts;
  }

  static of({ fileInfo, tokens }: LlamaModel): ChatTemplate {
    const source = fileInfo.metadata.tokenizer.chat_template;
    return new ChatTemplate({ source, bosToken: tokens.bosString, eosToken: tokens.eosString });
  }

  /**
   * The text of a conversation up to the beginning of the next message.
   *
   * @throws {WorkerError} INVALID_REQUEST the model has no template, or its template refuses the conversation.
   */
  render({ messages }: Chat): string {
    const { source, bosToken, eosToken } = this.#parts;
    if (source === undefined) throw refuse("needs a model with a chat template; this one has none");
    const context = { add_generation_prompt: true, bos_token: bosToken ?? "", eos_token: eosToken ?? "" };
    try {
      return (this.#template ??= new Template(source)).render({
        ...context,
        messages: messages.map(toTemplateMessage),
      });
    } catch (cause) {
      throw refuse(
        `is refused by the model's chat template: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      );
    }
  }
}

function refuse(problem: string, cause?: unknown): WorkerError {
  return new WorkerError("INVALID_REQUEST", `\`messages\` ${problem}`, { cause, details: { param: "messages" } });
}

function toTemplateMessage({ role, content, reasoning }: ChatMessage) {
  return { role, content, ...(reasoning === undefined ? {} : { reasoning_content: reasoning }) };
}
