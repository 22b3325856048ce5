import type { ErrorEvent } from "inference-worker-protocol";
import type { EndEvent, InferenceEvent } from "../dialects/index.js";
import type { StreamLimitName } from "./timeouts.js";

/** Why a stream did not end properly. */
export type StreamFault =
  /** A clean end (or `data: [DONE]`) without a terminal event; `reason` is what the dialect found missing. */
  | { readonly status: "truncated"; readonly endedBy: "close" | "done-marker"; readonly reason?: string }
  /** The connection broke; `code` is the system's or the HTTP client's, `byteOffset` counts the bytes received. */
  | {
      readonly status: "transport-error";
      readonly code: string;
      readonly byteOffset: number;
      readonly message: string;
      readonly cause: unknown;
    }
  /** `value` is the limit in force, in the unit of its name. */
  | { readonly status: "limit-exceeded"; readonly limit: StreamLimitName; readonly value: number }
  /** Aborted by the framework or the caller; `isTestTimeout`: because the limit of the test was about to pass. */
  | { readonly status: "aborted"; readonly reason: string; readonly isTestTimeout?: true }
  /**
   * A message that is not an event; `index` counts the events before it, `data` has at most 200 characters.
   * `foreignJobId`: the stream belongs to this other job.
   */
  | {
      readonly status: "invalid-event";
      readonly index: number;
      readonly reason: string;
      readonly data: string;
      readonly foreignJobId?: string;
    };

/**
 * How a stream ended; a closed union on `status`. After an `error` event nothing else counts: `worker-error`.
 * After an `end` event the stream may be closed, stay open, or be aborted: `complete`; a broken connection, a size limit or an
 * invalid event after it are reported as such, with `terminal` set.
 */
export type StreamOutcome =
  | { readonly status: "complete"; readonly terminal: EndEvent }
  | { readonly status: "worker-error"; readonly terminal: ErrorEvent }
  | (StreamFault & { readonly terminal?: EndEvent | undefined });

/** Everything known about a stream when reading has ended, however it ended. Times are on the clock of `performance.now()`. */
export interface CollectedStream {
  readonly events: readonly InferenceEvent[];
  /** Arrival time in ms of the chunk that completed the event at the same index, taken before parsing. */
  readonly arrivals: readonly number[];
  /** Bytes of the body. */
  readonly bytes: number;
  readonly outcome: StreamOutcome;
  /** The first `end` or `error` event. */
  readonly terminal: EndEvent | ErrorEvent | undefined;
  readonly commentCount: number;
  /** Lines that are not fields of the format, such as those of an HTML page or a JSON body sent as an event stream. */
  readonly ignoredLineCount: number;
  /** Bytes of the unfinished event that the end discarded; 0 if there was none. */
  readonly unterminatedBytes: number;
  /** Its first 200 characters, or the first ignored line. */
  readonly unterminatedText: string;
  /** Byte sequences that are not UTF-8; each of them is a U+FFFD in the text. */
  readonly invalidUtf8Count: number;
  /**
   * How the body ended: the server ended it (`closed`), left it open after the terminal event for `graceMs` (`left-open`), or the
   * connection broke (`broken`); or its reader left (`left`): at an end marker, at a limit, or because it was aborted.
   */
  readonly bodyEnd: "closed" | "left-open" | "broken" | "left";
  /** The last `retry` field, in ms. */
  readonly retryMs: number | undefined;
  /** When the request was sent, if known. */
  readonly sentAtMs: number | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /**
   * Just before the first content arrived, for this long, it could not have been noticed: reading began late, or this process was busy. 0 if
   * it was being read; undefined if that is not known.
   */
  readonly unreadMs?: number | undefined;
}

/** Combines the terminal event with what ended the reading. */
export function resolveOutcome(terminal: EndEvent | ErrorEvent | undefined, fault: StreamFault): StreamOutcome {
  if (terminal === undefined) return fault;
  if (terminal.type === "error") return { status: "worker-error", terminal };
  if (fault.status === "truncated" || fault.status === "aborted") return { status: "complete", terminal };
  return { ...fault, terminal };
}
