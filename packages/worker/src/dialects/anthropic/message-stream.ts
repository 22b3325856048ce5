import type { EndEvent, InferenceEvent, ToolCallEvent } from "inference-worker-protocol";
import type { AnswerEncoder, AnswerForm, EventExtra } from "../../jobs/index.js";
import type { AnswerFacts } from "../dialect.js";
import { factsOfEvent } from "../failures.js";
import { namedFrame, SSE } from "../framing.js";
import { ANTHROPIC_ERRORS } from "./errors.js";
import { SIGNATURE, toInputUsage, toMessage, toStop } from "./message-object.js";

const FORM: AnswerForm = {
  dialect: "anthropic",
  framing: "sse",
  textKey: "delta",
  features: new Set(["stream", "started", "usage"]),
};

/** The named events of a message: its start, its blocks, why it ended. */
export function createMessageStream(facts: AnswerFacts): AnswerEncoder {
  const stream = new MessageStream(facts);
  return { form: FORM, contentType: SSE, encode: (event, extra) => stream.encode(event, extra) };
}

class MessageStream {
  readonly #facts: AnswerFacts;
  /** What the open block holds: `text`, `thinking`, or a call with its index. */
  #open: string | undefined;
  #index = -1;

  constructor(facts: AnswerFacts) {
    this.#facts = facts;
  }

  encode(event: InferenceEvent, extra?: EventExtra): string {
    switch (event.type) {
      case "started":
        return this.#frame("message_start", { message: toMessage(this.#facts, { content: [] }) });
      case "token":
        return event.channel === "reasoning" ? this.#thinking(event.t) : this.#text(event.t);
      case "tool_call":
        return this.#call(event);
      case "end":
        return this.#end(event, extra);
      case "error":
        return this.#frame("error", ANTHROPIC_ERRORS.bodyOf(factsOfEvent(event)));
      case "metrics":
        return "";
    }
  }

  #text(text: string): string {
    return this.#switchTo("text", { type: "text", text: "" }) + this.#delta({ type: "text_delta", text });
  }

  #thinking(thinking: string): string {
    const opened = this.#switchTo("thinking", { type: "thinking", thinking: "", signature: "" });
    return opened + this.#delta({ type: "thinking_delta", thinking });
  }

  #call({ index, id, name, arguments: part }: ToolCallEvent): string {
    const opened = this.#switchTo(`call ${index}`, { type: "tool_use", id: id ?? "", name: name ?? "", input: {} });
    return part === undefined ? opened : opened + this.#delta({ type: "input_json_delta", partial_json: part });
  }

  #switchTo(kind: string, content_block: object): string {
    if (this.#open === kind) return "";
    const closed = this.#close();
    this.#open = kind;
    return closed + this.#frame("content_block_start", { index: ++this.#index, content_block });
  }

  #close(): string {
    if (this.#open === undefined) return "";
    const signed = this.#open === "thinking" ? this.#delta({ type: "signature_delta", signature: SIGNATURE }) : "";
    this.#open = undefined;
    return signed + this.#frame("content_block_stop", { index: this.#index });
  }

  #delta(delta: object): string {
    return this.#frame("content_block_delta", { index: this.#index, delta });
  }

  #end(end: EndEvent, extra?: EventExtra): string {
    const usage = { ...toInputUsage(this.#facts, extra?.usage), output_tokens: end.tokens_out };
    return (
      this.#close() + this.#frame("message_delta", { delta: toStop(end), usage }) + this.#frame("message_stop", {})
    );
  }

  #frame(type: string, fields: object): string {
    return namedFrame(type, fields);
  }
}
