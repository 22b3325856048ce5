import type { EndEvent, ErrorEvent, InferenceEvent, ToolCallEvent } from "inference-worker-protocol";
import type { AnswerEncoder, AnswerForm, EventExtra } from "../../jobs/index.js";
import type { AnswerFacts } from "../dialect.js";
import { factsOfEvent } from "../failures.js";
import { namedFrame, SSE } from "../framing.js";
import {
  callItem,
  itemId,
  messageItem,
  reasoningItem,
  statusOf,
  textPart,
  toResponse,
  type Item,
  type ResponseState,
} from "./response-object.js";
import { RESPONSE_ITEMS } from "./response-store.js";

const FORM: AnswerForm = {
  dialect: "openai-responses",
  framing: "sse",
  textKey: "delta",
  features: new Set(["stream", "started", "usage"]),
};

/** The named events of a response, each with its place in the sequence. */
export function createResponseStream(facts: AnswerFacts): AnswerEncoder {
  const stream = new ResponseStream(facts);
  return { form: FORM, contentType: SSE, encode: (event, extra) => stream.encode(event, extra) };
}

/** The item that is being written. */
interface OpenItem {
  readonly kind: "reasoning" | "message" | "call";
  readonly id: string;
  readonly index: number;
  /** Of a call: which one it is, and its names. */
  readonly call?: { readonly index: number; readonly id: string; readonly name: string };
  text: string;
}

class ResponseStream {
  readonly #facts: AnswerFacts;
  readonly #done: Item[] = [];
  #open: OpenItem | undefined;
  #sequence = 0;

  constructor(facts: AnswerFacts) {
    this.#facts = facts;
  }

  encode(event: InferenceEvent, extra?: EventExtra): string {
    switch (event.type) {
      case "started":
        return this.#state("response.created") + this.#state("response.in_progress");
      case "token":
        return event.channel === "reasoning" ? this.#reasoning(event.t) : this.#text(event.t);
      case "tool_call":
        return this.#call(event);
      case "end":
        return this.#end(event, extra);
      case "error":
        return this.#fail(event);
      case "metrics":
        return "";
    }
  }

  #reasoning(text: string): string {
    const opened = this.#switchTo("reasoning");
    return opened + this.#delta("response.reasoning_text.delta", text, { content_index: 0 });
  }

  #text(text: string): string {
    const opened = this.#switchTo("message");
    return opened + this.#delta("response.output_text.delta", text, { content_index: 0, logprobs: [] });
  }

  #call({ index, id, name, arguments: part }: ToolCallEvent): string {
    const isNew = this.#open?.call?.index !== index;
    const opened = isNew ? this.#switchTo("call", { index, id: id ?? "", name: name ?? "" }) : "";
    return part === undefined ? opened : opened + this.#delta("response.function_call_arguments.delta", part);
  }

  /** Closes the open item and opens one of another kind. */
  #switchTo(kind: OpenItem["kind"], call?: OpenItem["call"]): string {
    if (this.#open?.kind === kind && call === undefined) return "";
    const closed = this.#close("completed");
    const index = this.#done.length;
    const id = itemId({ reasoning: "rs", message: "msg", call: "fc" }[kind], this.#facts, index);
    this.#open = { kind, id, index, text: "", ...(call === undefined ? {} : { call }) };
    const item = this.#itemOf(this.#open, "in_progress");
    const added = this.#frame("response.output_item.added", { output_index: index, item });
    return closed + added + (kind === "message" ? this.#part("added", "") : "");
  }

  #close(status: "completed" | "incomplete"): string {
    const open = this.#open;
    if (open === undefined) return "";
    const finished = this.#finish(open);
    const item = this.#itemOf(open, status);
    this.#done.push(item);
    RESPONSE_ITEMS.add(item);
    this.#open = undefined;
    return finished + this.#frame("response.output_item.done", { output_index: open.index, item });
  }

  #finish({ kind, text }: OpenItem): string {
    if (kind === "call") return this.#inItem("response.function_call_arguments.done", { arguments: text });
    if (kind === "reasoning") return this.#inItem("response.reasoning_text.done", { content_index: 0, text });
    return (
      this.#inItem("response.output_text.done", { content_index: 0, text, logprobs: [] }) + this.#part("done", text)
    );
  }

  #itemOf({ kind, id, call, text }: OpenItem, status: "in_progress" | "completed" | "incomplete"): Item {
    if (kind === "reasoning") return reasoningItem(id, text);
    if (call !== undefined) return callItem(id, { ...call, arguments: text }, status);
    return messageItem(id, { text: status === "in_progress" ? undefined : text, status });
  }

  #part(what: "added" | "done", text: string): string {
    return this.#inItem(`response.content_part.${what}`, { content_index: 0, part: textPart(text) });
  }

  #delta(type: string, delta: string, more: object = {}): string {
    if (this.#open !== undefined) this.#open.text += delta;
    return this.#inItem(type, { ...more, delta });
  }

  #inItem(type: string, fields: object): string {
    return this.#frame(type, { item_id: this.#open?.id, output_index: this.#open?.index, ...fields });
  }

  #end(end: EndEvent, extra?: EventExtra): string {
    const status = statusOf(end);
    const isEmpty = this.#open === undefined && this.#done.length === 0;
    const opened = isEmpty ? this.#switchTo("message") : "";
    const closed = this.#close(status === "incomplete" ? "incomplete" : "completed");
    return opened + closed + this.#state(`response.${status}`, { end, usage: extra?.usage });
  }

  #fail(error: ErrorEvent): string {
    return this.#state("response.failed", { error: factsOfEvent(error) });
  }

  #state(type: string, state: Omit<ResponseState, "output"> = {}): string {
    return this.#frame(type, { response: toResponse(this.#facts, { output: this.#done, ...state }) });
  }

  #frame(type: string, fields: object): string {
    return namedFrame(type, { sequence_number: this.#sequence++, ...fields });
  }
}
