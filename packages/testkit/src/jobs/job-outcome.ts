import type { EndEvent } from "../dialects/index.js";
import type { CollectedStream, StreamLimitName } from "../events/index.js";
import type { CancelResult } from "./cancel-result.js";
import type { DisconnectResult } from "./disconnect-after.js";
import type { RequestField } from "./judge-request.js";

/** Times in ms on the clock of `performance.now()`. The arrivals of single events are in `stream.arrivals`. */
export interface JobTimings {
  /** The request was handed to the connection; `undefined` if it never was. */
  readonly sentAtMs?: number | undefined;
  /** The first byte of the request was written to the socket, after connecting; only for jobs that were answered. */
  readonly writtenAtMs?: number | undefined;
  /** The response headers arrived. */
  readonly headersAtMs?: number | undefined;
  readonly firstTokenAtMs?: number | undefined;
  readonly lastTokenAtMs?: number | undefined;
  /** The first `end` or `error` event arrived. */
  readonly terminalAtMs?: number | undefined;
  /** The stream had ended, or the job had failed. */
  readonly closedAtMs: number;
}

/** The timings of an `ok` job, all present. */
export interface CompleteTimings extends JobTimings {
  readonly sentAtMs: number;
  readonly headersAtMs: number;
  readonly firstTokenAtMs: number;
  readonly lastTokenAtMs: number;
  readonly terminalAtMs: number;
}

/** Common to all outcomes. */
export interface JobFacts {
  /** Position in the list of requests. */
  readonly index: number;
  /** The `job_id` of the request, if it had one. */
  readonly jobId: string | undefined;
  /** The `x-correlation-id` that was sent; `undefined` if nothing was. */
  readonly correlationId: string | undefined;
  readonly timings: JobTimings;
  /** The result of `cancelAfter`, if the plan had it and the worker answered with a stream. */
  readonly cancel?: CancelResult | undefined;
  /** The result of `disconnectAfter`; `undefined` also if the job ended earlier. */
  readonly disconnect?: DisconnectResult | undefined;
}

/** The identity of a job before it has run. */
export type JobIdentity = Omit<JobFacts, "timings">;

interface Failure {
  /** What happened, in one clause or a few lines; self-contained. */
  readonly message: string;
  /** The received stream, if the answer was one. */
  readonly stream?: CollectedStream | undefined;
  /** The error behind it, if one was thrown. */
  readonly error?: unknown;
}

/** Ended by `end`, in order, with at least one token, and as requested. */
export interface OkOutcome extends JobFacts {
  readonly status: "ok";
  readonly timings: CompleteTimings;
  readonly stream: CollectedStream;
  readonly end: EndEvent;
  readonly tokens: readonly string[];
  readonly text: string;
}

/** Ended by `end`, in order, without any token. */
export interface EmptyOutcome extends JobFacts, Failure {
  readonly status: "empty";
  readonly stream: CollectedStream;
  readonly end: EndEvent;
}

/**
 * Ended by `end`, in order, but not as the request asked: more tokens than `max_tokens`, text that contains a stop sequence, or another
 * seed in `started`.
 */
export interface NotAsRequestedOutcome extends JobFacts, Failure {
  readonly status: "not-as-requested";
  readonly stream: CollectedStream;
  readonly end: EndEvent;
  /** The fields of the request that the worker did not honor. */
  readonly fields: readonly RequestField[];
}

/** Ended by `end`, in order, but some bytes of the stream are not UTF-8; the text has U+FFFD in their place. */
export interface InvalidUtf8Outcome extends JobFacts, Failure {
  readonly status: "invalid-utf8";
  readonly stream: CollectedStream;
  readonly end: EndEvent;
}

/** Ended by `end`, in order, but its tokens were held back and sent at once; only with `requireStreaming`. */
export interface NotStreamedOutcome extends JobFacts, Failure {
  readonly status: "not-streamed";
  readonly stream: CollectedStream;
  readonly end: EndEvent;
}

/** Ended as cancelled, by the plan (then `cancel` has the figures) or by another client. */
export interface CancelledOutcome extends JobFacts, Failure {
  readonly status: "cancelled";
  readonly stream: CollectedStream;
}

/** A status other than 200. */
export interface HttpErrorOutcome extends JobFacts, Failure {
  readonly status: "http-error";
  readonly httpStatus: number;
  /** Parsed if it is JSON, else the text; `undefined` if it could not be read. */
  readonly body: unknown;
  /** The `code` of the body, if it has one. */
  readonly code: string | undefined;
  /** From the `retry-after` header, which may also be a date. */
  readonly retryAfterSeconds: number | undefined;
}

/** The stream ended with an `error` event, or an `end` with the stop reason `error`, whose `code` is then `error`. */
export interface WorkerErrorOutcome extends JobFacts, Failure {
  readonly status: "worker-error";
  readonly stream: CollectedStream;
  readonly code: string;
  readonly retriable: boolean;
}

/** One of the {@link StreamLimitName limits} was exceeded: for the connection, the headers or the stream. */
export interface LimitOutcome extends JobFacts, Failure {
  readonly status: "limit-exceeded";
  readonly limit: StreamLimitName;
}

/** The answer contains an id, a correlation id or a nonce of another job. */
export interface CrossTalkOutcome extends JobFacts, Failure {
  readonly status: "cross-talk";
  /** The other job, if known. */
  readonly otherJobId: string | undefined;
}

/**
 * - `truncated`: the stream ended cleanly without a terminal event;
 * - `transport-error`: no connection, the process died, or the connection broke;
 * - `invalid-event`: a response that is not a stream, a message that is not an event, or events in the wrong order;
 * - `aborted`: by `signal`, possibly before it was sent; or by `disconnectAfter`.
 */
export interface OtherOutcome extends JobFacts, Failure {
  readonly status: "truncated" | "transport-error" | "invalid-event" | "aborted";
}

/** How one job ended; a closed union on `status`. Only `ok` is a success. */
export type JobOutcome =
  | OkOutcome
  | EmptyOutcome
  | NotAsRequestedOutcome
  | InvalidUtf8Outcome
  | NotStreamedOutcome
  | CancelledOutcome
  | HttpErrorOutcome
  | WorkerErrorOutcome
  | LimitOutcome
  | CrossTalkOutcome
  | OtherOutcome;

export type JobStatus = JobOutcome["status"];

const STATUSES: Readonly<Record<JobStatus, true>> = {
  ok: true,
  empty: true,
  "not-as-requested": true,
  "invalid-utf8": true,
  "not-streamed": true,
  cancelled: true,
  "http-error": true,
  "worker-error": true,
  truncated: true,
  "transport-error": true,
  "limit-exceeded": true,
  "invalid-event": true,
  "cross-talk": true,
  aborted: true,
};

/** Every status, the successful one first. */
export const JOB_STATUSES = Object.keys(STATUSES) as readonly JobStatus[];
