import { shortenCode, type TestkitErrorCode } from "../errors/index.js";
import { toVisibleText } from "../terminal/index.js";
import { countOf } from "./describe-event.js";
import type { StreamLimitName } from "./timeouts.js";
import type { CollectedStream, StreamFault, StreamOutcome } from "./outcome.js";

const LIMIT_FAULTS: Readonly<Record<StreamLimitName, readonly [TestkitErrorCode, (value: number) => string]>> = {
  connectMs: ["LIMIT_CONNECT", (value) => `the connection was not established within ${value} ms`],
  headersMs: ["LIMIT_HEADERS", (value) => `the headers did not arrive within ${value} ms`],
  firstTokenMs: ["LIMIT_FIRST_TOKEN", (value) => `no token arrived within ${value} ms of the request`],
  tokenIdleMs: ["LIMIT_TOKEN_IDLE", (value) => `no further token arrived for ${value} ms`],
  transportIdleMs: ["LIMIT_TRANSPORT_IDLE", (value) => `no byte arrived for ${value} ms`],
  totalMs: ["LIMIT_TOTAL_TIME", (value) => `it had not ended ${value} ms after the request`],
  eventBytes: ["LIMIT_EVENT_SIZE", (value) => `one event is larger than ${value} bytes`],
  decodedBytes: ["LIMIT_DECODED_SIZE", (value) => `the body is larger than ${value} bytes`],
  eventCount: ["LIMIT_EVENT_COUNT", (value) => `there are more than ${value} events`],
  eventIdBytes: ["LIMIT_EVENT_ID_SIZE", (value) => `an \`id\` is longer than ${value} bytes`],
  eventNameBytes: ["LIMIT_EVENT_NAME_SIZE", (value) => `an \`event\` name is longer than ${value} bytes`],
};

/** The error code of a fault. */
export function findFaultCode(fault: StreamFault): TestkitErrorCode {
  switch (fault.status) {
    case "truncated":
      return "STREAM_TRUNCATED";
    case "transport-error":
      return "STREAM_TRANSPORT";
    case "limit-exceeded":
      return LIMIT_FAULTS[fault.limit][0];
    case "aborted":
      return fault.isTestTimeout === true ? "TEST_TIMEOUT" : "STREAM_ABORTED";
    case "invalid-event":
      return "INVALID_EVENT";
  }
}

/**
 * How a stream ended, in one clause that is safe to print.
 *
 * @example describeOutcome(collected.outcome) // "it was closed without a terminal event"
 */
export function describeOutcome(outcome: StreamOutcome): string {
  return toVisibleText(describe(outcome));
}

function describe(outcome: StreamOutcome): string {
  switch (outcome.status) {
    case "complete":
      return "it is complete";
    case "worker-error":
      return `the worker ended it with ${shortenCode(outcome.terminal.code)}: ${outcome.terminal.message}`;
    case "truncated":
      return `it was ${outcome.endedBy === "close" ? "closed" : "ended by [DONE]"} without ${outcome.reason ?? "a terminal event"}`;
    case "transport-error":
      return `the connection broke at byte ${outcome.byteOffset} (${outcome.code}: ${outcome.message})`;
    case "limit-exceeded":
      return `${LIMIT_FAULTS[outcome.limit][1](outcome.value)} (\`${outcome.limit}\`)`;
    case "aborted":
      return outcome.isTestTimeout === true ? outcome.reason : `it was aborted (${outcome.reason})`;
    case "invalid-event":
      return `event ${outcome.index} is invalid: ${outcome.reason}`;
  }
}

/** "3 events (2 tokens, 187 bytes)". */
export function describeProgress(stream: CollectedStream): string {
  const tokenCount = stream.events.filter((event) => event.type === "token").length;
  const inside = `${countOf(tokenCount, "token")}, ${countOf(stream.bytes, "byte")}`;
  return `${countOf(stream.events.length, "event")} (${inside})`;
}
