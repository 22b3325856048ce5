import type { Dialect, EndEvent, ExecuteBody, InferenceEvent, StartedEvent } from "../dialects/index.js";
import type { CollectedStream } from "../events/index.js";
import { plural } from "../numbers/index.js";
import { isRecord } from "../options/index.js";
import { toVisibleText } from "../terminal/index.js";

/** The fields of a request that an answer shows to be ignored. */
export type RequestField = "max_tokens" | "stop" | "seed";

/** A seed in `started` other than the one of the request; also in a stream that did not end properly. */
export function findOtherSeed({ request, stream }: Pick<AnsweredRequest, "request" | "stream">): string | undefined {
  if (isReplaced(request, "seed")) return undefined;
  const asked = request.seed;
  if (typeof asked !== "number" && typeof asked !== "bigint") return undefined;
  const started = stream.events.find((event): event is StartedEvent => event.type === "started");
  const reported = started?.seed;
  // Compared as decimal digits: that is how both were sent, and a double does not hold every u64.
  if (reported === undefined || String(reported) === String(asked)) return undefined;
  return `\`seed\` is ${asked}, but \`started\` reports ${reported}`;
}

/** The fields that an answer ignores, and what arrived instead. */
export interface RequestMismatch {
  readonly fields: readonly RequestField[];
  readonly message: string;
}

/** A complete answer and the request that it is compared with. */
export interface AnsweredRequest {
  readonly request: ExecuteBody;
  readonly dialect: Dialect | undefined;
  readonly stream: CollectedStream;
  readonly end: EndEvent;
  /** The answer without reasoning. */
  readonly text: string;
}

/** Names in `extraBody` that may replace a field, or change what it means: `num_predict`, `include_stop_str_in_output`, `echo`. */
const REPLACING: Readonly<Record<RequestField, RegExp>> = {
  max_tokens: /max.*token|max_length|predict|best_of/i,
  stop: /stop|min.*token|echo|full_text/i,
  seed: /seed/i,
};

/**
 * Compares a complete answer with its request. Claims nothing about a field that was not requested, that `extraBody` may replace, or that
 * the server does not report: an estimated number of tokens, or a `started` event without a seed.
 */
export function findRequestMismatch(answered: AnsweredRequest): RequestMismatch | undefined {
  const found = [
    { field: "max_tokens", message: findExcess(answered) },
    { field: "stop", message: findPassedStop(answered) },
    { field: "seed", message: findOtherSeed(answered) },
  ] as const;
  const ignored = found.filter(({ message }) => message !== undefined);
  if (ignored.length === 0) return undefined;
  const reasons = ignored.map(({ message }) => message).join("; ");
  return { fields: ignored.map(({ field }) => field), message: toVisibleText(reasons) };
}

/**
 * More tokens than `max_tokens`. More token events than `tokens_out` are an error of their own, so `tokens_out` covers both.
 */
export function findExcess({ request, end }: Pick<AnsweredRequest, "request" | "end">): string | undefined {
  const limit = findTokenLimit(request);
  if (limit === undefined || end.tokens_out_estimated === true || end.tokens_out <= limit) return undefined;
  return `\`max_tokens\` is ${limit}, but \`tokens_out\` is ${end.tokens_out}`;
}

/** The `max_tokens` of a request; undefined if there is no limit, or not known to be. */
export function findTokenLimit(request: ExecuteBody): number | undefined {
  const limit = isReplaced(request, "max_tokens") ? undefined : asNumber(request.max_tokens);
  return limit === undefined || limit < 1 ? undefined : limit; // some servers take 0 and negative numbers for "no limit"
}

/** The stop sequences of a request; undefined if they are not known. */
export function findStops(request: ExecuteBody): readonly unknown[] | undefined {
  if (isReplaced(request, "stop")) return undefined;
  const { stop = [] } = request;
  if (Array.isArray(stop)) return stop as readonly unknown[];
  return stop === null ? [] : [stop];
}

/** Text that contains a stop sequence. */
export function findPassedStop(answered: Omit<AnsweredRequest, "end">): string | undefined {
  const { request, dialect, stream, text } = answered;
  const { stop } = request;
  if (stop === undefined || stop === null) return undefined; // nearly always
  const stops = findStops(request) ?? [];
  for (const [index, sequence] of stops.entries()) {
    if (typeof sequence !== "string" || sequence === "" || !text.includes(sequence)) continue;
    const restLength = findRest(stream.events, sequence);
    const isKept = restLength === 0 && dialect?.capabilities.keepsStop === true;
    if (restLength === undefined || isKept) continue;
    const name = `\`${Array.isArray(stop) ? `stop[${index}]` : "stop"}\` is ${JSON.stringify(sequence)}`;
    if (restLength === 0) return `${name}, but the text ends with it, not before it`;
    return `${name}, but the text contains it and continues for ${plural(restLength, "character")}`;
  }
  return undefined;
}

/** The length of the text after a stop sequence; `undefined` if no part that was generated in one piece contains it. */
function findRest(events: readonly InferenceEvent[], sequence: string): number | undefined {
  const parts = splitText(events);
  for (const [index, part] of parts.entries()) {
    const at = part.indexOf(sequence);
    if (at === -1) continue;
    const later = parts.slice(index + 1).reduce((sum, { length }) => sum + length, 0);
    return part.length - at - sequence.length + later;
  }
  return undefined;
}

/** The answer, divided where reasoning or a call of a tool is between two tokens: the model did not write these next to each other. */
function splitText(events: readonly InferenceEvent[]): string[] {
  const parts = [""];
  for (const event of events) {
    if (event.type === "token" && event.channel !== "reasoning") parts.push((parts.pop() ?? "") + event.t);
    else if ((event.type === "token" || event.type === "tool_call") && parts.at(-1) !== "") parts.push("");
  }
  return parts;
}

function isReplaced(request: ExecuteBody, field: RequestField): boolean {
  const extra: unknown = "extraBody" in request ? request.extraBody : undefined;
  return extra !== undefined && hasKey(extra, REPLACING[field]);
}

function asNumber(value: unknown): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

function hasKey(value: unknown, pattern: RegExp): boolean {
  if (!isRecord(value)) return false;
  return Object.entries(value).some(([name, field]) => pattern.test(name) || hasKey(field, pattern));
}
