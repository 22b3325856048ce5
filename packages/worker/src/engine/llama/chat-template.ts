import { Template } from "@huggingface/jinja";
import type { LlamaModel } from "node-llama-cpp";
import { WorkerError } from "inference-worker-protocol";
import type { Chat, ChatMessage } from "../chat.js";

/** The chat template that is in the model file: Jinja, as Hugging Face defines it. */
export class ChatTemplate {
  readonly #model: LlamaModel;
  #template: Template | undefined;

  constructor(model: LlamaModel) {
    this.#model = model;
  }

  /**
   * The text of a conversation up to the beginning of the next message.
   *
   * @throws {WorkerError} INVALID_REQUEST the model has no template, or its template refuses the conversation.
   */
  render({ messages }: Chat): string {
    const { bosString, eosString } = this.#model.tokens;
    try {
      return this.#parse().render({
        messages: messages.map(toTemplateMessage),
        add_generation_prompt: true,
        bos_token: bosString ?? "",
        eos_token: eosString ?? "",
      });
    } catch (cause) {
      if (cause instanceof WorkerError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw refuse(`is refused by the model's chat template: ${reason}`, cause);
    }
  }

  #parse(): Template {
    if (this.#template !== undefined) return this.#template;
    const source = this.#model.fileInfo.metadata.tokenizer.chat_template;
    if (source === undefined) throw refuse("needs a model with a chat template; this one has none");
    return (this.#template = new Template(source));
  }
}

function refuse(problem: string, cause?: unknown): WorkerError {
  return new WorkerError("INVALID_REQUEST", `\`messages\` ${problem}`, { cause, details: { param: "messages" } });
}

function toTemplateMessage({ role, content, reasoning }: ChatMessage) {
  return { role, content, ...(reasoning === undefined ? {} : { reasoning_content: reasoning }) };
}
