import type { ExecuteResponse } from "../client/index.js";
import type { Recording } from "../evidence/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import { HandleTable } from "./handle-table.js";

/** A response that a client may read once. */
export interface OpenResponse {
  readonly response: ExecuteResponse;
  readonly worker: string;
  isRead: boolean;
}

/** What a client has started. */
export class EngineState {
  readonly workers = new HandleTable<WorkerTestHarness>("worker");
  readonly responses = new HandleTable<OpenResponse>("response");
  readonly recordings = new HandleTable<Recording>("recording");

  /** Stops a worker; its handle stays known for its log. */
  async stop(handle: string): Promise<Awaited<ReturnType<WorkerTestHarness["stop"]>>> {
    try {
      return await this.workers.get("worker", handle).stop();
    } finally {
      this.workers.retire(handle);
      for (const [name, { worker }] of this.responses.entries) if (worker === handle) this.responses.retire(name);
    }
  }

  /** Stops every worker; returns what failed and never throws. */
  async stopAll(): Promise<unknown[]> {
    const running = this.workers.entries.filter(([handle]) => !this.workers.isRetired(handle));
    const stopped = await Promise.allSettled(running.map(([handle]) => this.stop(handle)));
    return stopped.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  }
}
