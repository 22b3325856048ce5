import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ExecuteBody } from "../../client/index.js";
import { dropDefaultSeed, findDialect, orcd, type Dialect } from "../../dialects/index.js";
import { TestkitError } from "../../errors/index.js";
import { formatMs } from "../../numbers/index.js";
import { splitSchedule, type ClientReport, type LoadClients, type PhaseOrder } from "./clients.js";
import type { ClientSchedule } from "./run-phase.js";
import type { ThreadMessage, ThreadOrder, ThreadSetup } from "./thread-messages.js";

const READY_TIMEOUT_MS = 30_000;
/** The threads receive their orders this long before the common start. */
const LEAD_NS = 50_000_000n;
/** A thread whose requests are cut off should report immediately. */
const CUT_TIMEOUT_MS = 10_000;
const CLIENT_THREAD = new URL("./client-thread.js", import.meta.url);
/** The `threadId` of a thread that has ended. */
const ENDED = -1;

/** How the threads are started. */
interface ThreadsOptions extends Omit<ThreadSetup, "client"> {
  readonly count: number;
  /** The program of each thread. @default the client thread of this package */
  readonly file?: URL;
  /** How long a thread may take to start. @default 30000 */
  readonly readyTimeoutMs?: number;
  /** How long a thread may take to report after a cut; one that takes longer is terminated. @default 10000 */
  readonly cutTimeoutMs?: number;
}

/** Several threads as clients, each with its own connections. */
export class ThreadClients implements LoadClients {
  readonly #threads: readonly Worker[];
  readonly #dialect: Dialect;
  readonly #cutTimeoutMs: number;

  private constructor(threads: readonly Worker[], dialect: Dialect, cutTimeoutMs: number) {
    this.#threads = threads;
    this.#dialect = dialect;
    this.#cutTimeoutMs = cutTimeoutMs;
  }

  /** @throws {LOAD_CLIENT_LOST} a thread did not start. */
  static async open(options: ThreadsOptions): Promise<ThreadClients> {
    const { count, file = CLIENT_THREAD, readyTimeoutMs = READY_TIMEOUT_MS, ...rest } = options;
    const { cutTimeoutMs = CUT_TIMEOUT_MS, ...setup } = rest;
    const threads = Array.from({ length: count }, (_, client) => startThread(file, { ...setup, client }));
    const clients = new ThreadClients(threads, findDialect(setup.dialect) ?? orcd, cutTimeoutMs);
    try {
      await Promise.all(threads.map((thread) => waitUntilReady(thread, readyTimeoutMs)));
      return clients;
    } catch (error) {
      await clients[Symbol.asyncDispose]();
      throw error;
    }
  }

  async run(order: PhaseOrder): Promise<readonly ClientReport[]> {
    const parts = splitSchedule(order.schedule, this.#threads.length);
    const startAtNs = process.hrtime.bigint() + LEAD_NS;
    const runs = this.#threads.slice(0, parts.length).map((thread, client) => {
      const schedule = parts[client] as ClientSchedule;
      const requests = takeRequests(schedule, (index) => dropDefaultSeed(order.source.take(index), this.#dialect));
      const followUps = takeFollowUps(requests.keys(), order.source);
      const { progress, control, stepStartsMs } = order;
      const keptLength = order.keptLength && Math.floor(order.keptLength / parts.length);
      const run = { progress, control, cutTimeoutMs: this.#cutTimeoutMs };
      const phase = { schedule, requests, followUps, stepStartsMs, startAtNs, keptLength };
      return runOnThread(thread, { type: "phase", ...phase }, run);
    });
    const reports = await Promise.all(runs);
    return reports.filter((report) => report !== undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

function startThread(file: URL, setup: ThreadSetup): Worker {
  const thread = new Worker(file, { workerData: setup, name: "inference-testkit-load" });
  // A failure between two phases is noticed by the thread's exit.
  return thread.on("error", () => undefined);
}

async function waitUntilReady(thread: Worker, timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await once(thread, "message", { signal });
  } catch (cause) {
    const why = signal.aborted ? `it was not ready after ${formatMs(timeoutMs)}` : (cause as Error).message;
    throw new TestkitError("LOAD_CLIENT_LOST", { message: `a client thread did not start: ${why}`, cause });
  }
}

/** The requests of one client. The mark of a default seed does not survive the way to a thread: the seed is dropped before. */
function takeRequests(
  schedule: ClientSchedule,
  take: (index: number) => ExecuteBody,
): ReadonlyMap<number, ExecuteBody> {
  const requests = new Map<number, ExecuteBody>();
  if (schedule.kind === "open") {
    for (const { index } of schedule.arrivals) requests.set(index, take(index));
  } else {
    for (let index = schedule.first; index < schedule.count; index += schedule.step) requests.set(index, take(index));
  }
  return requests;
}

function takeFollowUps(
  indices: Iterable<number>,
  source: PhaseOrder["source"],
): ReadonlyMap<number, readonly string[]> {
  const all = [...indices].map((index) => [index, source.followUpsOf(index)] as const);
  return new Map(all.filter(([, followUps]) => followUps.length > 0));
}

interface ThreadRun extends Pick<PhaseOrder, "progress" | "control"> {
  readonly cutTimeoutMs: number;
}

/** Resolves with the report; with `undefined` if the thread was lost, which ends the phase. */
function runOnThread(
  thread: Worker,
  order: ThreadOrder,
  { progress, control, cutTimeoutMs }: ThreadRun,
): Promise<ClientReport | undefined> {
  return new Promise((resolve) => {
    let cutTimer: NodeJS.Timeout | undefined;
    const finish = (report: ClientReport | undefined): void => {
      clearTimeout(cutTimer);
      control.cut.signal.removeEventListener("abort", onCut);
      thread.off("message", onMessage).off("error", onLost).off("exit", onLost);
      resolve(report);
    };
    const onLost = (reason: unknown): void => {
      const why = reason instanceof Error ? reason.message : `exit code ${String(reason)}`;
      control.end("client-lost", `a client thread ended: ${why}`);
      finish(undefined);
    };
    const onCut = (): void => {
      const { message } = control.cut.signal.reason as Error;
      thread.postMessage({ type: "cut", reason: message } satisfies ThreadOrder);
      // A report that arrives later must not be taken for that of the next phase.
      cutTimer = setTimeout(() => void thread.terminate(), cutTimeoutMs);
    };
    const onMessage = (message: ThreadMessage): void => {
      if (message.type === "done") finish(message.report);
      if (message.type !== "progress") return;
      progress.noteSent(message.sent);
      for (const ended of message.ended) progress.noteDone(ended);
      control.checkErrors();
    };
    thread.on("message", onMessage).on("error", onLost).on("exit", onLost);
    if (thread.threadId === ENDED) {
      onLost(new Error("it ended before the phase"));
      return;
    }
    control.cut.signal.addEventListener("abort", onCut);
    thread.postMessage(order);
    if (control.cut.signal.aborted) onCut();
  });
}
