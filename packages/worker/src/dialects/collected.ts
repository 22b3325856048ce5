import type { EndEvent, InferenceEvent, ToolCallEvent } from "inference-worker-protocol";
import type { ReportedUsage, TokenScore } from "../engine/engine.js";
import type { ToolCall } from "../engine/chat.js";
import type { AnswerEncoder, AnswerFeature, EventExtra } from "../jobs/index.js";
import type { ErrorForm } from "./dialect.js";
import { factsOfEvent } from "./failures.js";
import { JSON_BODY } from "./framing.js";

/** Everything that a job has said. */
export interface Collected {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly scores: readonly TokenScore[];
  readonly end: EndEvent;
  readonly usage: ReportedUsage;
}

/** How the one body of an answer is made. */
export interface BodyOptions {
  readonly dialect: string;
  readonly textKey: string;
  readonly errors: ErrorForm;
  readonly toBody: (collected: Collected) => unknown;
}

/** Far more than any job may say: only a fault such as `never-stops` gets here, and it never ends well. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

const NO_STREAM: ReadonlySet<AnswerFeature> = new Set(["usage"]);

/** Collects the events of a job and writes one body at its end. */
export function createBodyEncoder({ dialect, textKey, errors, toBody }: BodyOptions): AnswerEncoder {
  const collector = new Collector();
  const encode = (event: InferenceEvent, extra?: EventExtra): string => {
    if (event.type === "error") return JSON.stringify(errors.bodyOf(factsOfEvent(event)));
    if (event.type === "end") return JSON.stringify(toBody(collector.finish(event, extra)));
    collector.push(event, extra);
    return "";
  };
  return {
    form: { dialect, framing: "json", textKey, features: NO_STREAM },
    contentType: JSON_BODY,
    encode,
    statusOf: (event) => errors.statusOf(factsOfEvent(event)),
  };
}

class Collector {
  readonly #calls = new CallCollector();
  readonly #scores: TokenScore[] = [];
  #text = "";
  #reasoning = "";

  push(event: InferenceEvent, extra?: EventExtra): void {
    if (this.#text.length + this.#reasoning.length > MOST_CHARACTERS) return;
    if (event.type === "tool_call") this.#calls.push(event);
    if (event.type !== "token") return;
    this.#scores.push(...(extra?.scores ?? []));
    if (event.channel === "reasoning") this.#reasoning += event.t;
    else this.#text += event.t;
  }

  finish(end: EndEvent, extra?: EventExtra): Collected {
    const { usage = {} } = extra ?? {};
    const toolCalls = this.#calls.all();
    return { text: this.#text, reasoning: this.#reasoning, scores: this.#scores, toolCalls, end, usage };
  }
}

/** Joins the parts of tool calls. */
export class CallCollector {
  readonly #calls = new Map<number, ToolCall>();

  push({ index, id, name, arguments: part }: ToolCallEvent): void {
    const call = this.#calls.get(index) ?? { id: "", name: "", arguments: "" };
    this.#calls.set(index, { id: id ?? call.id, name: name ?? call.name, arguments: call.arguments + (part ?? "") });
  }

  all(): ToolCall[] {
    return [...this.#calls.values()];
  }

  /** The same, and forgets them. */
  take(): ToolCall[] {
    const calls = this.all();
    this.#calls.clear();
    return calls;
  }
}
