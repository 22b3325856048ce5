import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ExecuteBody } from "../../client/index.js";
import { dropDefaultSeed, findDialect, orcd, type Dialect } from "../../dialects/index.js";
import { TestkitError } from "../../errors/index.js";
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
}

/** Several threads as clients, each with its own connections. */
export class ThreadClients implements LoadClients {
  readonly #threads: readonly Worker[];

  readonly #dialect: Dialect;

  private constructor(threads: readonly Worker[], dialect: Dialect) {
    this.#threads = threads;
    this.#dialect = dialect;
  }

  /** @throws {LOAD_CLIENT_LOST} a thread did not start. */
  static async open({ count, file = CLIENT_THREAD, ...setup }: ThreadsOptions): Promise<ThreadClients> {
    const threads = Array.from({ length: count }, (_, client) => startThread(file, { ...setup, client }));
    const clients = new ThreadClients(threads, findDialect(setup.dialect) ?? orcd);
    try {
      await Promise.all(clients.#threads.map(waitUntilReady));
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
      return runOnThread(thread, { type: "phase", schedule, requests, startAtNs }, order);
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

async function waitUntilReady(thread: Worker): Promise<void> {
  try {
    await once(thread, "message", { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
  } catch (cause) {
    const message = `a client thread did not start: ${(cause as Error).message}`;
    throw new TestkitError("LOAD_CLIENT_LOST", { message, cause });
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

/** Resolves with the report; with `undefined` if the thread was lost, which ends the phase. */
function runOnThread(
  thread: Worker,
  order: ThreadOrder,
  { progress, control }: PhaseOrder,
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
      cutTimer = setTimeout(() => onLost(new Error("it did not answer")), CUT_TIMEOUT_MS);
    };
    const onMessage = (message: ThreadMessage): void => {
      if (message.type === "done") finish(message.report);
      if (message.type !== "progress") return;
      if (message.sent > 0) progress.noteSent(message.sent);
      for (const ended of message.ended) progress.noteDone(ended);
      control.checkErrors();
    };
    thread.on("message", onMessage).on("error", onLost).on("exit", onLost);
    if (thread.threadId === ENDED) {
      onLost(new Error("it ended before the phase"));
      return;
    }
    control.cut.signal.addEventListener("abort", onCut, { once: true });
    thread.postMessage(order);
    if (control.cut.signal.aborted) onCut();
  });
}
