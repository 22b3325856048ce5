import type { InferenceEvent } from "inference-worker-protocol";
import type { DisconnectKind, ExecuteBody, ExecuteResponse } from "../client/index.js";
import { checkInteger, checkKnownOptions, checkOption, StreamError, TestkitError } from "../errors/index.js";
import {
  describeOutcome,
  describeProgress,
  extractTokens,
  resolveStreamTimeouts,
  watchStream,
  type CollectedStream,
  type StreamTimeouts,
} from "../events/index.js";
import type { JobTarget } from "./job-target.js";
import { TriggerWatch } from "./trigger.js";

/** When and how a client disappears. */
export interface DisconnectPlan {
  /** After how many token events, at least; 0: as soon as the response headers are there, also while the job is queued. */
  readonly tokens: number;
  /** RST, as after a crash, or FIN. */
  readonly how: DisconnectKind;
}

/** Options of {@link disconnectAfter}. */
export interface DisconnectAfterOptions extends DisconnectPlan {
  /** Limits for the response headers and for reading the stream. */
  readonly timeouts?: StreamTimeouts | undefined;
  /** Gives up. */
  readonly signal?: AbortSignal | undefined;
}

/** What had arrived when the client disappeared. */
export interface DisconnectResult {
  /** The texts of the token events; more than asked for, when several arrived at the same moment. */
  readonly tokens: readonly string[];
  readonly events: readonly InferenceEvent[];
  /** When the connection was cut and when its socket was closed, on the clock of `performance.now()`. */
  readonly disconnectedAtMs: number;
  readonly closedAtMs: number;
}

/**
 * Sends a request on a connection of its own, reads until the tokens are there, and disappears at socket level. Resolves when the
 * socket is closed; see `waitForIdle()` for the worker's side.
 *
 * @throws {DISCONNECT_TOO_LATE} the stream ended before. @throws {INVALID_OPTION}
 * @throws {HTTP_FAILED} a status other than 200. @throws {INVALID_RESPONSE} no event stream. @throws {STREAM_ABORTED} `signal` fired.
 * @throws {CONNECT_FAILED} @throws {LIMIT_CONNECT} @throws {LIMIT_HEADERS}
 * @example await disconnectAfter(worker, request, { tokens: 3, how: "reset" });
 */
export async function disconnectAfter(
  target: JobTarget,
  request: ExecuteBody,
  options: DisconnectAfterOptions,
): Promise<DisconnectResult> {
  const { timeouts, signal, ...plan } = options;
  checkDisconnectPlan("options", plan);
  resolveStreamTimeouts(timeouts);
  const response = await target.execute(request, { timeouts, signal, dedicatedConnection: true });
  const { stream, result } = await watchDisconnect(response, plan, signal);
  if (result !== undefined) return result;
  if (signal?.aborted === true) {
    throw new StreamError("STREAM_ABORTED", { message: "disconnectAfter() was aborted", cause: signal.reason });
  }
  throw createTooLate(stream, plan);
}

/** @throws {INVALID_OPTION} */
export function checkDisconnectPlan(name: string, plan: unknown): asserts plan is DisconnectPlan {
  const wanted = '{ tokens: n, how: "reset" | "close" }';
  checkOption(typeof plan === "object" && plan !== null, name, { wanted, value: plan });
  checkKnownOptions(name, plan, ["tokens", "how"] satisfies (keyof DisconnectPlan)[]);
  const { tokens, how } = plan as Record<string, unknown>;
  checkInteger("tokens", tokens, [0, Number.MAX_SAFE_INTEGER]);
  checkOption(how === "reset" || how === "close", "how", { wanted: '"reset" or "close"', value: how });
}

/** Reads until the trigger is reached and cuts the connection; no result if the stream ended before. */
export async function watchDisconnect(
  response: ExecuteResponse,
  { tokens, how }: DisconnectPlan,
  signal: AbortSignal | undefined,
): Promise<{ stream: CollectedStream; result: DisconnectResult | undefined }> {
  let cut: Promise<DisconnectResult> | undefined;
  const watch = new TriggerWatch({ tokens }, (events) => {
    cut = disconnect(response, how, [...events]);
    cut.catch((error: unknown) => response.abort(error)); // a target that gave no connection of its own: told below
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
  const message = `Expected to disconnect after ${tokens} tokens, but the stream ended after ${got}`;
  return new TestkitError("DISCONNECT_TOO_LATE", { message, details: { tokens, outcome: stream.outcome.status } });
}
