import { firstLine, isTestkitError } from "../../errors/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import type { ReportVerdict } from "../../report/run-report.js";
import { createOutput } from "../../terminal/index.js";

/** Stops the worker of a run once, however the run ends. */
export class WorkerEnding implements AsyncDisposable {
  readonly #worker: WorkerTestHarness;
  #isStopped = false;

  constructor(worker: WorkerTestHarness) {
    this.#worker = worker;
  }

  /** Stops it. A worker that ended by itself, or in a way that is not normal, is a failed verdict; its whole error goes to stderr. */
  async stop(): Promise<ReportVerdict[]> {
    this.#isStopped = true;
    try {
      await this.#worker.stop();
      return [];
    } catch (error) {
      if (!isTestkitError(error)) throw error;
      const output = createOutput(process.stderr);
      for (const line of error.message.split("\n")) output.line(line);
      return [describeEnd(error.message)];
    }
  }

  /** Without it, a run that threw would leave the worker behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isStopped) await this.#worker.stop();
  }
}

function describeEnd(message: string): ReportVerdict {
  return {
    group: "worker",
    name: "the worker runs until it is stopped",
    status: "fail",
    message: firstLine(message).replace(/^\[\w+\] /, ""),
    expected: "a normal end",
    actual: null,
  };
}
