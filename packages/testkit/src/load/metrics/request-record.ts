import type { JobStatus } from "../../jobs/index.js";

/**
 * The stored record of one request, JSON-compatible. Times are in ms from the start of the measured phase, to the microsecond; `null` if it
 * did not happen.
 */
export interface RequestRecord {
  /** Position in the schedule. */
  readonly index: number;
  readonly jobId: string | null;
  readonly status: JobStatus;
  /** The stage of the profile, from 0. */
  readonly stage: number;
  /** Which client thread sent it, from 0. */
  readonly client: number;
  /** When the schedule planned to send it; in a closed loop, when a client was free for it. */
  readonly schedMs: number;
  /** When it was handed to the HTTP client; from here to `sendMs` it waited for a connection. */
  readonly handOverMs: number;
  /** First byte to the socket; the hand-over to the connection if there was no response. */
  readonly sendMs: number;
  readonly headersMs: number | null;
  /** First event with non-empty text. */
  readonly firstMs: number | null;
  /** Last event with non-empty text. */
  readonly lastMs: number | null;
  /** The `end` or `error` event. */
  readonly terminalMs: number | null;
  readonly closeMs: number;
  /** `tokens_out` of the `end` event; `null` also if the server does not count tokens. */
  readonly tokensOut: number | null;
  /** Events with non-empty text. */
  readonly contentEventCount: number;
  readonly longestStallMs: number | null;
  /** How long the server says that it generated; absent if it does not report it, and in older records. */
  readonly decodeMs?: number | undefined;
  /** The number of the request in its conversation, from 0; absent outside of one. */
  readonly turn?: number | undefined;
  readonly httpStatus?: number | undefined;
  /** The worker's error code, the limit that was exceeded, or the fields of the request that were not honored. */
  readonly code?: string | undefined;
  /** Why it is not ok, at most 200 characters. */
  readonly message?: string | undefined;
}

/** The number of tokens; estimated if the worker did not report it. */
export function countTokens(record: RequestRecord): { readonly count: number; readonly isEstimated: boolean } {
  if (record.tokensOut !== null) return { count: record.tokensOut, isEstimated: false };
  return { count: record.contentEventCount, isEstimated: true };
}

/** Every field of a record, in file order; rare fields come last. */
const FIELDS = {
  index: true,
  jobId: true,
  status: true,
  stage: true,
  client: true,
  schedMs: true,
  handOverMs: true,
  sendMs: true,
  headersMs: true,
  firstMs: true,
  lastMs: true,
  terminalMs: true,
  closeMs: true,
  tokensOut: true,
  contentEventCount: true,
  longestStallMs: true,
  decodeMs: true,
  turn: true,
  httpStatus: true,
  code: true,
  message: true,
} as const satisfies Record<keyof RequestRecord, true>;

/** The names of all fields. */
export const RECORD_FIELDS = Object.keys(FIELDS) as readonly (keyof RequestRecord)[];
