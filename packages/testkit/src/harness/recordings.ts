import type { WorkerClient } from "../client/index.js";
import { InvalidOptionError } from "../errors/index.js";
import {
  describeWorker,
  Recording,
  type RecordOptions,
  type StopResult,
  type Subject,
  type WorkerFacts,
} from "../evidence/index.js";
import type { HarnessParts } from "./start.js";
import { findBundledWorker } from "./worker-command.js";
import type { WorkerLifecycle } from "./worker-lifecycle.js";

/** The recordings of one worker. */
export class Recordings {
  readonly #parts: HarnessParts;
  #open: Recording[] = [];
  #removals: (() => void)[] = [];
  #isOver = false;

  constructor(parts: HarnessParts) {
    this.#parts = parts;
  }

  /** @throws {INVALID_OPTION} the worker was stopped; see also `Recording`. @throws {EVIDENCE_FAILED} */
  async begin(folder: string, options: RecordOptions): Promise<Recording> {
    if (this.#isOver) {
      throw new InvalidOptionError({
        message: "Expected a worker that was not stopped for `recordTo()`, got a stopped one",
      });
    }
    const { client, process, logs } = this.#parts;
    const subject = this.#subject();
    const isQuiet = logs === undefined && isBundled(process);
    const recording = await Recording.begin(folder, options, { subject, isQuiet });
    this.#open.push(recording);
    this.#removals.push(watch(client, recording));
    return recording;
  }

  /** What is known about the worker; its model file is hashed once in this process. */
  describe(): Promise<WorkerFacts> {
    return describeWorker(this.#subject());
  }

  #subject(): Subject {
    const { client, process, workerId, faults, logs } = this.#parts;
    const passedOn = logs === undefined ? [] : [logs];
    return {
      id: workerId,
      url: client.baseUrl,
      dialect: client.dialect,
      process: process && (() => describeProcess(process)),
      logs: () => (process === undefined ? passedOn : [...process.previousLogs, process.current.logs]),
      faultAccounts: () => faults.lastAccounts(),
      faultFiredAtMs: (key) => faults.firedAtMs(key),
    };
  }

  /** There will be no further one. */
  close(): void {
    this.#isOver = true;
  }

  /** Whether something is being recorded. */
  get areOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Ends the recordings and writes the bundles; returns failures and never throws. The worker may be recorded again. */
  async finish(result: StopResult): Promise<Error[]> {
    const open = this.#open;
    for (const remove of this.#removals) remove();
    this.#open = [];
    this.#removals = [];
    const failures: Error[] = [];
    for (const recording of open) {
      const failure = await recording.finish(result);
      if (failure !== undefined) failures.push(failure);
    }
    return failures;
  }
}

function watch(client: WorkerClient, recording: Recording): () => void {
  return client.addWatcher((request) => recording.watch(request));
}

function describeProcess({ current, startCount }: WorkerLifecycle) {
  const { command, args, cwd, pid, readyAfterMs, exitInfo: exit, readyLine, portOwner } = current;
  return { command, args, cwd, pid, readyAfterMs, exit, readyLine, portOwner, startCount };
}

/**
 * The only program whose log is known to be safe: prompts and text appear in it only as length and
 * SHA-256.
 */
function isBundled(process: WorkerLifecycle | undefined): boolean {
  if (process === undefined) return true; // there is no log
  try {
    return process.current.args.includes(findBundledWorker());
  } catch {
    return false; // it is not installed
  }
}
