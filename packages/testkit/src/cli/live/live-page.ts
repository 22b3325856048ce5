import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ConformanceReport } from "../../conformance/report/conformance-report.js";
import { reasonOf, TestkitError, withReason } from "../../errors/index.js";
import type { RunReport } from "../../report/index.js";
import { createOutput, toVisibleText } from "../../terminal/index.js";
import type { Interrupt } from "../runs/interrupt.js";
import type { LiveMessage, LiveNews, LiveOrder, PlannedCheck, PlannedRun } from "./live-messages.js";

const THREAD = new URL("./live-thread.js", import.meta.url);
const READY_TIMEOUT_MS = 30_000;
/** Longer than the thread waits for its pages. */
const END_TIMEOUT_MS = 10_000;
const POST_EVERY_MS = 250;

/** What happens to a page. */
interface LiveEvents {
  /** The reader pressed the stop button. */
  readonly onStop: () => void;
  /** The page is gone; the run continues without it. */
  readonly onLost: (error: unknown) => void;
}

/**
 * The page of a run or a check that is under way, served on loopback. A thread of its own computes and serves it: the thread that sends
 * requests only hands over, four times a second, what happened.
 */
export class LivePage implements AsyncDisposable {
  readonly #thread: Worker;
  /** With the token; only who knows it can read the page. */
  readonly url: string;
  readonly #timer: NodeJS.Timeout;
  #news: LiveNews = {};
  #isLost = false;

  private constructor(thread: Worker, url: string, { onStop, onLost }: LiveEvents) {
    this.#thread = thread;
    this.url = url;
    this.#timer = setInterval(() => this.#flush(), POST_EVERY_MS);
    thread.on("error", (error) => {
      this.#isLost = true;
      onLost(error);
    });
    thread.on("message", ({ type }: LiveMessage) => {
      if (type === "stop") onStop();
    });
  }

  /** @param file the program of the thread. @throws {LIVE_PAGE_FAILED} the page cannot be served. */
  static async open(plan: PlannedRun | PlannedCheck, events: LiveEvents, file: URL = THREAD): Promise<LivePage> {
    const token = randomBytes(16).toString("hex");
    const thread = new Worker(file, { workerData: { ...plan, token }, name: "inference-testkit-live" });
    try {
      const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
      const [message] = (await once(thread, "message", { signal })) as [LiveMessage];
      if (message.type !== "ready") throw new Error(`it sent ${message.type} first`);
      return new LivePage(thread, `http://127.0.0.1:${message.port}/?token=${token}`, events);
    } catch (cause) {
      await thread.terminate();
      throw new TestkitError("LIVE_PAGE_FAILED", {
        message: withReason("The page of the run cannot be served", cause),
        cause,
      });
    }
  }

  add(news: LiveNews): void {
    const { progress = this.#news.progress, server = this.#news.server, records = [], results = [] } = news;
    this.#news = {
      progress,
      server,
      records: append(this.#news.records, records),
      results: append(this.#news.results, results),
    };
  }

  /** Hands the final report, if there is one, to the pages that are open, and ends. */
  async end(report?: RunReport | ConformanceReport): Promise<void> {
    clearInterval(this.#timer);
    if (this.#isLost || this.#thread.threadId === -1) return;
    this.#flush();
    const isOver = new Promise<void>((resolve) => {
      this.#thread
        .on("exit", () => resolve())
        .on("message", ({ type }: LiveMessage) => {
          if (type === "ended") resolve();
        });
      setTimeout(resolve, END_TIMEOUT_MS).unref();
    });
    this.#post({ type: "end", report });
    await isOver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#thread.terminate();
  }

  #flush(): void {
    if (Object.values(this.#news).every((news) => news === undefined)) return;
    this.#post({ type: "news", ...this.#news });
    this.#news = {};
  }

  #post(order: LiveOrder): void {
    if (!this.#isLost) this.#thread.postMessage(order);
  }
}

/** The stop button ends the run as Ctrl-C does; a page that is lost is reported. */
export function watchPage(interrupt: Interrupt): LiveEvents {
  return {
    onStop: () => interrupt.end("the stop button"),
    onLost: (error) =>
      createOutput(process.stderr).line(toVisibleText(`the page of the run is lost: ${reasonOf(error)}`)),
  };
}

/** Appends in place: a copy for each request would take quadratic time. */
function append<T>(list: readonly T[] | undefined, added: readonly T[]): readonly T[] | undefined {
  if (list === undefined) return added.length === 0 ? undefined : [...added];
  (list as T[]).push(...added);
  return list;
}
