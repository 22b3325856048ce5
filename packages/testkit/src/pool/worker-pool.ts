import { joinSignals } from "../system/index.js";
import { findTestTimeout } from "../deadline/index.js";
import { InvalidOptionError, isTestkitError, TestkitError, withReason, throwAll } from "../errors/index.js";
import { pause } from "../launch/index.js";
import { resolveOptions } from "../options/index.js";
import { completePoolOptions, POOL_OPTIONS, TAKE_OPTIONS, type ResolvedPoolOptions } from "./options.js";
import type { TakeOptions, WorkerPoolOptions } from "./options.js";
import { nameTest, PooledWorker } from "./pooled-worker.js";
import { createLease, type ReleaseReport, type WorkerLease } from "./worker-lease.js";

interface Waiter {
  readonly give: (pooled: PooledWorker) => void;
  readonly fail: (error: Error) => void;
}

/**
 * Workers for many tests: started ahead of the tests and stopped behind them. Every worker belongs to one test at a time.
 *
 * @example
 * await using pool = createWorkerPool({ start: () => WorkerTestHarness.startMock(), spares: 2 });
 * await using lease = await pool.take({ test: "says hello" });
 * await lease.worker.execute(makeTestRequest("job-1", "Hello", 5));
 */
export class WorkerPool implements AsyncDisposable {
  readonly #options: ResolvedPoolOptions;
  readonly #free: PooledWorker[] = [];
  /** By the name of the test that has it. */
  readonly #leased = new Map<PooledWorker, string>();
  readonly #waiting = new Set<Waiter>();
  readonly #starting = new Set<Promise<void>>();
  readonly #stopping = new Set<Promise<void>>();
  /** What was seen after the test that it belongs to had ended. */
  readonly #late: Error[] = [];
  /** The failure of a start for which no test was waiting. */
  #failedStart: { readonly error: unknown } | undefined;
  readonly #ending = new AbortController();
  #startCount = 0;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(options: ResolvedPoolOptions) {
    this.#options = options;
    this.#fill();
  }

  /** How many workers were started. */
  get startCount(): number {
    return this.#startCount;
  }

  /**
   * Hands out a worker: one that is ready, or as soon as one is.
   *
   * @throws {POOL_TIMEOUT} none became free within `takeTimeoutMs`. @throws {INVALID_OPTION} the pool is closed.
   * @throws what `start` threw.
   */
  async take(options: TakeOptions = {}): Promise<WorkerLease> {
    const { test, signal } = resolveOptions(TAKE_OPTIONS, options);
    if (this.#closing !== undefined) throw createClosed();
    const pooled = this.#takeFree() ?? (await this.#wait(test, signal));
    this.#leased.set(pooled, test);
    pooled.testCount += 1;
    this.#fill();
    return createLease({ pooled, signal, release: () => this.#release(pooled, test) });
  }

  /**
   * Stops every worker, also those that tests still have.
   *
   * @throws what was seen after the end of a test: a bad exit, a process that was left behind. The message names the test. Several failures
   * are joined in an `AggregateError`.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A spare that has ended is reported, and not handed out. */
  #takeFree(): PooledWorker | undefined {
    for (let pooled = this.#free.shift(); pooled !== undefined; pooled = this.#free.shift()) {
      if (!pooled.hasEnded) return pooled;
      this.#stopBehind(pooled, "no test (a spare)");
    }
    return undefined;
  }

  async #wait(test: string, signal: AbortSignal | undefined): Promise<PooledWorker> {
    const failed = this.#failedStart;
    this.#failedStart = undefined;
    if (failed !== undefined) throw failed.error;
    const startedAtMs = performance.now();
    const over = new AbortController();
    const late = joinSignals(over.signal, signal);
    try {
      return await new Promise<PooledWorker>((give, fail) => {
        const waiter = { give, fail };
        this.#waiting.add(waiter);
        void pause(this.#options.takeTimeoutMs, late).then(() => {
          if (!this.#waiting.delete(waiter)) return;
          const wait = { waitingFor: `a worker of the pool: ${this.describe()}`, sinceMs: startedAtMs };
          const abort = signal?.aborted === true ? (signal.reason as Error) : undefined;
          fail(findTestTimeout(signal, wait) ?? abort ?? this.#createTimeout(test));
        });
        this.#fill();
      });
    } finally {
      over.abort();
    }
  }

  #fill(): void {
    if (this.#closing !== undefined || this.#failedStart !== undefined) return;
    const wanted = this.#options.spares + this.#waiting.size;
    while (this.#free.length + this.#starting.size < wanted && this.#count() < this.#options.maxWorkers) {
      const starting: Promise<void> = this.#startOne().finally(() => {
        this.#starting.delete(starting);
        this.#fill();
      });
      this.#starting.add(starting);
    }
  }

  /** Workers that are being stopped count: their memory is still in use. */
  #count(): number {
    return this.#free.length + this.#starting.size + this.#leased.size + this.#stopping.size;
  }

  async #startOne(): Promise<void> {
    this.#startCount += 1;
    try {
      const { start, reuse } = this.#options;
      this.#offer(await PooledWorker.start(() => start({ signal: this.#ending.signal }), reuse));
    } catch (error) {
      if (this.#ending.signal.aborted && isAbort(error, this.#ending.signal.reason)) return;
      const [waiter] = this.#waiting;
      if (waiter === undefined) this.#failedStart = { error };
      else {
        this.#waiting.delete(waiter);
        waiter.fail(error as Error);
      }
    }
  }

  #offer(pooled: PooledWorker): void {
    const [waiter] = this.#waiting;
    if (waiter === undefined) {
      this.#free.push(pooled);
      return;
    }
    this.#waiting.delete(waiter);
    this.#leased.set(pooled, "a test"); // at once, so that it is always counted
    waiter.give(pooled);
  }

  /** @throws what the test did to its worker. How the worker then shuts down is reported by `close()`. */
  async #release(pooled: PooledWorker, test: string): Promise<ReleaseReport> {
    const { maxGrowthBytes } = this.#options;
    const failures = await pooled.endRecordings();
    const reason = await pooled.findReasonToReplace(maxGrowthBytes);
    if (!this.#leased.delete(pooled))
      failures.push(...(await this.#stop(pooled))); // the pool was closed meanwhile
    else if (reason === undefined && this.#closing === undefined) this.#offer(pooled);
    else if (pooled.isConspicuous) failures.push(...(await this.#stop(pooled)));
    else this.#stopBehind(pooled, test);
    throwAll(failures);
    return reason === undefined ? { status: "kept" } : { status: "replaced", reason };
  }

  /** Returns at once; a failure is reported by `close()`. */
  #stopBehind(pooled: PooledWorker, test: string): void {
    void this.#stop(pooled, (failure) => this.#late.push(nameTest(failure, test)));
  }

  /** Resolves with what failed, which is also `noted`; never rejects. */
  #stop(pooled: PooledWorker, note: (failure: Error) => void = () => undefined): Promise<Error[]> {
    const stopped = pooled.worker.stop().then(
      () => [],
      (failure: unknown) => [failure as Error],
    );
    const settled: Promise<void> = stopped.then((failures) => {
      failures.forEach(note);
      this.#stopping.delete(settled);
      this.#fill();
    });
    this.#stopping.add(settled);
    this.#fill();
    return stopped;
  }

  async #close(): Promise<void> {
    this.#ending.abort(new Error("the pool was closed while the worker was starting"));
    for (const waiter of this.#waiting) waiter.fail(createClosed());
    this.#waiting.clear();
    while (this.#starting.size > 0) await Promise.all(this.#starting);
    for (const pooled of this.#free.splice(0)) this.#stopBehind(pooled, "no test (a spare)");
    for (const [pooled, test] of this.#leased) this.#stopBehind(pooled, test);
    this.#leased.clear();
    await Promise.all(this.#stopping);
    if (this.#failedStart !== undefined) this.#late.push(nameFailedSpare(this.#failedStart.error));
    throwAll(this.#late);
  }

  #createTimeout(test: string): TestkitError {
    const { takeTimeoutMs, maxWorkers } = this.#options;
    return new TestkitError("POOL_TIMEOUT", {
      message: `${test} got no worker within ${takeTimeoutMs} ms: ${this.describe()}`,
      details: { maxWorkers: maxWorkers === Infinity ? undefined : maxWorkers, takeTimeoutMs },
    });
  }

  /** @internal Who has the workers. */
  describe(): string {
    const holders = [...this.#leased.values()].slice(0, 10).join(", ");
    const taken = this.#leased.size === 0 ? "none is taken" : `${this.#leased.size} taken (by ${holders})`;
    return `${taken}, ${this.#starting.size} starting, ${this.#stopping.size} stopping`;
  }
}

/**
 * Creates a pool and starts its spares in the background.
 *
 * @throws {INVALID_OPTION}
 * @example
 * const pool = createWorkerPool({ start: () => WorkerTestHarness.start(model.path, -1), reuse: "clean", maxWorkers: 1 });
 */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  return new WorkerPool(completePoolOptions(resolveOptions(POOL_OPTIONS, options)));
}

/** A start that was aborted rejects with the reason, or with what the abort did to a request of it. */
function isAbort(error: unknown, reason: unknown): boolean {
  return error === reason || isTestkitError(error, "STREAM_ABORTED");
}

function createClosed(): InvalidOptionError {
  return new InvalidOptionError({ message: "Expected an open pool for `take()`, got one that was closed" });
}

function nameFailedSpare(error: unknown): Error {
  return new Error(withReason("A spare worker could not be started, and no test needed it", error).join("\n"), {
    cause: error,
  });
}
