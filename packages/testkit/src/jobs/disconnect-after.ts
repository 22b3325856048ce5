import type { InferenceEvent } from "../dialects/index.js";
import type { DisconnectKind, ExecuteBody, ExecuteResponse } from "../client/index.js";
import { StreamError, TestkitError } from "../errors/index.js";
import {
  describeOutcome,
  describeProgress,
  extractTokens,
  streamTimeouts,
  watchStream,
  type CollectedStream,
} from "../events/index.js";
import {
  abortSignal,
  defineOptions,
  integer,
  oneOf,
  required,
  resolveOptions,
  type OptionsOf,
} from "../options/index.js";
import { plural } from "../numbers/index.js";
import type { JobTarget } from "./job-target.js";
import { TriggerWatch } from "./trigger.js";

export const DISCONNECT_PLAN = defineOptions({
  /** Minimum number of token events before the disconnect. 0: as soon as the response headers arrive, even while the job is queued. */
  tokens: required(integer()),
  /** RST, as after a crash, or FIN. */
  how: required(oneOf(["reset", "close"])),
});

const READING = defineOptions({
  /** For the response headers and for reading the stream. */
  timeouts: streamTimeouts(),
  /** Aborts the call. */
  signal: abortSignal(),
});
export const DISCONNECT_OPTIONS: typeof DISCONNECT_PLAN & typeof READING = { ...DISCONNECT_PLAN, ...READING };

/** When and how a client disappears. */
export interface DisconnectPlan extends OptionsOf<typeof DISCONNECT_PLAN> {}
/** Options of {@link disconnectAfter}. */
export interface DisconnectAfterOptions extends OptionsOf<typeof DISCONNECT_OPTIONS> {}

/** What had arrived when the client disappeared. */
export interface DisconnectResult {
  /** The texts of the token events; more than requested if several arrived together. */
  readonly tokens: readonly string[];
  readonly events: readonly InferenceEvent[];
  /** When the connection was cut and when its socket was closed, on the clock of `performance.now()`. */
  readonly disconnectedAtMs: number;
  readonly closedAtMs: number;
}

/**
 * Sends a request on a dedicated connection, reads until the tokens have arrived, and disconnects at socket level. Resolves when the
 * socket is closed; use `waitForIdle()` to wait for the worker.
 *
 * @throws {DISCONNECT_TOO_LATE} the stream ended first. @throws {INVALID_OPTION}
 * @throws {HTTP_FAILED} a status other than 200. @throws {INVALID_RESPONSE} not an event stream. @throws {STREAM_ABORTED} `signal` fired.
 * @throws {CONNECT_FAILED} @throws {LIMIT_CONNECT} @throws {LIMIT_HEADERS}
 * @example await disconnectAfter(worker, request, { tokens: 3, how: "reset" });
 */
export async function disconnectAfter(
  target: JobTarget,
  request: ExecuteBody,
  options: DisconnectAfterOptions,
): Promise<DisconnectResult> {
  const { timeouts, signal, ...plan } = resolveOptions(DISCONNECT_OPTIONS, options);
  const response = await target.execute(request, { timeouts, signal, dedicatedConnection: true });
  const { stream, result } = await watchDisconnect(response, plan, signal);
  if (result !== undefined) return result;
  if (signal?.aborted === true) {
    throw new StreamError("STREAM_ABORTED", { message: "disconnectAfter() was aborted", cause: signal.reason });
  }
  throw createTooLate(stream, plan);
}

/** Reads until the trigger is reached and cuts the connection; no result if the stream ended first. */
export async function watchDisconnect(
  response: ExecuteResponse,
  { tokens, how }: DisconnectPlan,
  signal: AbortSignal | undefined,
): Promise<{ stream: CollectedStream; result: DisconnectResult | undefined }> {
  let cut: Promise<DisconnectResult> | undefined;
  const watch = new TriggerWatch({ tokens }, (events) => {
    cut = disconnect(response, how, [...events]);
    cut.catch((error: unknown) => response.abort(error)); // the target does not support dedicated connections: reported below
  });
  watch.start(response.sentAtMs);
  const stream = await watchStream(response, { signal }, (events) => watch.see(events));
  return { stream, result: await cut };
}

async function disconnect(
  response: ExecuteResponse,
  how: DisconnectKind,
  events: readonly InferenceEvent[],
): Promise<DisconnectResult> {
  const disconnectedAtMs = performance.now();
  await response.disconnect(how);
  return { tokens: extractTokens(events), events, disconnectedAtMs, closedAtMs: performance.now() };
}

function createTooLate(stream: CollectedStream, { tokens }: DisconnectPlan): TestkitError {
  const got = `${describeProgress(stream)}; ${describeOutcome(stream.outcome)}`;
  const message = `Expected to disconnect after ${plural(tokens, "token")}, but the stream ended after ${got}`;
  return new TestkitError("DISCONNECT_TOO_LATE", { message, details: { tokens, outcome: stream.outcome.status } });
}
