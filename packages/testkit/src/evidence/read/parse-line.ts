import { parseEvent as parseDialectEvent } from "../../dialects/index.js";
import type { RecordedOutcome, RecordedStreamFacts, TranscriptLine } from "../format.js";
import { createInvalid, isObject, type Place } from "./bundle-files.js";

const STREAM_NUMBERS = [
  "bytes",
  "commentCount",
  "ignoredLineCount",
  "unterminatedBytes",
  "startedAtMs",
  "endedAtMs",
] satisfies (keyof RecordedStreamFacts)[];
const OPTIONAL_NUMBERS = ["retryMs", "sentAtMs"] satisfies (keyof RecordedStreamFacts)[];

/** Required properties of a stream fault besides its status. */
const FAULT_FACTS: Readonly<Record<string, Readonly<Record<string, "string" | "number">>>> = {
  complete: {},
  "worker-error": {},
  truncated: { endedBy: "string" },
  "transport-error": { code: "string", byteOffset: "number", message: "string" },
  "limit-exceeded": { limit: "string", value: "number" },
  aborted: { reason: "string" },
  "invalid-event": { index: "number", reason: "string", data: "string" },
};

/** Checks what {@link readEvidence} relies on. @throws {EVIDENCE_INVALID} naming the line. */
export function parseLine(value: object, place: Place): TranscriptLine {
  const line = value as Record<string, unknown>;
  const { kind } = line;
  if (kind === "cut") return line as unknown as TranscriptLine;
  require(Number.isSafeInteger(line["request"]) && Number(line["request"]) > 0, "request", place);
  require(typeof line["atMs"] === "number", "atMs", place);
  require(line["jobId"] === undefined || typeof line["jobId"] === "string", "jobId", place);
  switch (kind) {
    case "request":
      require(typeof line["method"] === "string" && typeof line["path"] === "string", "method` and `path", place);
      break;
    case "response":
      require(typeof line["status"] === "number", "status", place);
      break;
    case "event":
      return { ...line, event: parseEvent(line["event"], place) } as TranscriptLine;
    case "outcome":
      checkOutcome(line, place);
      break;
    case "bytes":
    case "body":
      break;
    default:
      throw createInvalid(place, `expected \`kind\` to be one of this version, got \`${String(kind)}\``);
  }
  return line as unknown as TranscriptLine;
}

function parseEvent(event: unknown, place: Place) {
  try {
    return parseDialectEvent(event);
  } catch (cause) {
    throw createInvalid(place, `is not an event: ${(cause as Error).message}`, cause);
  }
}

function checkOutcome({ outcome, stream }: Record<string, unknown>, place: Place): void {
  require(isObject(outcome) && typeof outcome["status"] === "string", "outcome", place);
  if (stream === undefined) return;
  require(isObject(stream), "stream", place);
  const facts = stream as Record<string, unknown>;
  for (const name of STREAM_NUMBERS) require(typeof facts[name] === "number", `stream.${name}`, place);
  for (const name of OPTIONAL_NUMBERS) require(["number", "undefined"].includes(typeof facts[name]), name, place);
  require(typeof facts["unterminatedText"] === "string", "stream.unterminatedText", place);
  const { status, ...given } = outcome as RecordedOutcome;
  const wanted = Object.hasOwn(FAULT_FACTS, status) ? FAULT_FACTS[status] : undefined;
  require(wanted !== undefined, "outcome.status", place);
  for (const [name, type] of Object.entries(wanted ?? {})) {
    require(typeof given[name] === type, `outcome.${name}`, place);
  }
}

function require(holds: boolean, name: string, place: Place): void {
  if (!holds) throw createInvalid(place, `\`${name}\` is missing or has the wrong type`);
}
