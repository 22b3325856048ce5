import { joinSignals } from "../system/index.js";
import type { CancelAnswer } from "inference-worker-protocol";
import { findTestTimeout } from "../deadline/index.js";
import { isExecute } from "../dialects/index.js";
import { resolveStreamTimeouts, type ResolvedStreamTimeouts, type StreamTimeouts } from "../events/index.js";
import { checkOption, type ResolvedOptionsOf } from "../options/index.js";
import type { RequestFacts } from "./execute-response.js";
import { ConnectionPool, type HttpAnswer, type HttpRequest } from "./http.js";
import type { CallOptions, CLIENT_OPTIONS, RAW_REQUEST } from "./options.js";
import { joinWatches, type StreamWatch, type StreamWatcher, type WatchedRequest } from "./stream-watch.js";

/** A request as the caller describes it, without its path. */
export type SentRequest = ResolvedOptionsOf<typeof RAW_REQUEST>;

/** A job before encoding. */
type Job = Pick<WatchedRequest, "jobId" | "request">;
const NO_JOB: Job = { jobId: undefined, request: undefined };

type CancelJob = (jobId: string, options?: CallOptions) => Promise<CancelAnswer>;

/** Sends every request of a client: with its headers, time-outs and connections, and in front of its watchers. */
export class Sender {
  readonly #options: ResolvedOptionsOf<typeof CLIENT_OPTIONS>;
  readonly #pool: ConnectionPool;
  readonly #watchers = new Set<StreamWatcher>();
  readonly #cancel: CancelJob;

  /** @param cancel cancels a job of a response. */
  constructor(options: ResolvedOptionsOf<typeof CLIENT_OPTIONS>, timeouts: ResolvedStreamTimeouts, cancel: CancelJob) {
    const { baseUrl, logTail, loading, watcher } = options;
    this.#options = options;
    this.#cancel = cancel;
    this.#pool = new ConnectionPool({ origin: baseUrl, connectMs: timeouts.connectMs, logTail, loading });
    if (watcher !== undefined) this.#watchers.add(watcher);
  }

  /** Resolves for every status. @throws {INVALID_OPTION} @throws {CONNECT_FAILED} @throws {LIMIT_CONNECT} @throws {LIMIT_HEADERS} */
  async send(path: string, request: SentRequest, job = NO_JOB): Promise<{ answer: HttpAnswer; facts: RequestFacts }> {
    checkOption(path.startsWith("/"), "path", { wanted: "a path that begins with /", value: path });
    const { baseUrl, dialect, headers: common, secretPath, loading, logTail, watchExit } = this.#options;
    const { method, body, dedicatedConnection, timeoutMs } = request;
    const controller = new AbortController();
    const url = `${baseUrl}${path}`;
    const deadline = this.#options.deadline?.();
    const signal = joinSignals(controller.signal, request.signal, deadline);
    const sentAtMs = performance.now();
    const timeouts: StreamTimeouts = { ...this.#options.timeouts, ...request.timeouts };
    const { headersMs, totalMs } = resolveStreamTimeouts(timeouts);
    const { sent, shown } = common.addTo(withoutUndefined(request.headers ?? {}));
    const watch = this.#watch({ method, path, ...job, headers: shown, body });
    const findExit = watchExit?.();
    const target = `${baseUrl}${secretPath}${path}`;
    const answer = await this.#sendWatched(
      { method, url, target, headers: sent, body, headersMs: timeoutMs ?? headersMs, signal, dedicatedConnection },
      watch,
    ).catch((cause: unknown) => {
      const wait = { waitingFor: `the headers of the answer to ${method} ${url}`, sinceMs: sentAtMs };
      throw findTestTimeout(deadline, { ...wait, logTail: logTail() }) ?? cause;
    });
    const refusalHint = loading?.forStatus(answer.status) ?? common.hintFor(answer.status);
    loading?.noteAnswer(path, answer.status);
    const abort = (reason?: unknown) => {
      controller.abort(reason);
    };
    const origin = { url, dialect, ...job, sentAtMs, cancel: this.#cancel, logTail, findExit, deadline };
    return { answer, facts: { ...origin, timeouts, bodyMs: timeoutMs ?? totalMs, abort, watch, refusalHint } };
  }

  /** See {@link WorkerClient.addWatcher}. */
  addWatcher(watcher: StreamWatcher): () => void {
    const own: StreamWatcher = (request) => watcher(request); // registering the same function twice keeps two registrations
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  /** Closes every connection. Idempotent. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #sendWatched(request: HttpRequest, watch: StreamWatch | undefined): Promise<HttpAnswer> {
    try {
      const answer = await this.#pool.send(request);
      watch?.onHeaders?.(answer.status, answer.headers);
      return answer;
    } catch (error) {
      watch?.onFailed?.(error);
      throw error;
    }
  }

  #watch(request: Omit<WatchedRequest, "dialect" | "isJob">): StreamWatch | undefined {
    if (this.#watchers.size === 0) return undefined;
    const { dialect } = this.#options;
    const watched = { ...request, dialect, isJob: isExecute(dialect, request.method, request.path) };
    return joinWatches([...this.#watchers].map((watcher) => watcher(watched)));
  }
}

function withoutUndefined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given);
}
