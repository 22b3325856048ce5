import { isTestkitError, firstLine } from "../errors/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import { waitForIdle } from "../jobs/index.js";
import { formatBytes } from "../numbers/index.js";
import { findChange } from "./find-change.js";
import { OwnMemory } from "./own-memory.js";

/** A client that has just left may still have a job for a moment. */
const IDLE_TIMEOUT_MS = 1_000;
const HEALTH_TIMEOUT_MS = 2_000;
/** Fields of a health answer that differ between two answers of the same healthy worker. */
const VOLATILE = /^(uptime.*|slots|slots_.*|time.*|now|date|.*_at|requests.*|jobs.*)$/;

/** What a fresh worker looks like, to compare it with after each test. */
export class CleanProof {
  readonly #worker: WorkerTestHarness;
  readonly #memory: OwnMemory | undefined;
  #health: string | undefined;
  #bytes: number | undefined;

  private constructor(worker: WorkerTestHarness) {
    this.#worker = worker;
    this.#memory = worker.pid === undefined ? undefined : new OwnMemory(worker.pid);
  }

  /** Looks at a worker that has just been started. */
  static async of(worker: WorkerTestHarness): Promise<CleanProof> {
    const proof = new CleanProof(worker);
    proof.#health = await readHealth(worker);
    proof.#bytes = await proof.#memory?.read();
    return proof;
  }

  /** Why the worker is not as it was; undefined if it is proved to be. Never rejects. */
  async findDifference(maxGrowthBytes: number): Promise<string | undefined> {
    try {
      const change = findChange(this.#worker);
      if (change !== undefined) return change;
      const checks = [this.#findJob(), this.#findOtherHealth(), this.#findGrowth(maxGrowthBytes)];
      const differences = await Promise.all(checks);
      return differences.find((difference) => difference !== undefined) ?? findChange(this.#worker);
    } catch (error) {
      return `it could not be examined: ${firstLine(error)}`;
    }
  }

  async #findJob(): Promise<string | undefined> {
    if (this.#worker.dialect.slots === undefined) {
      return `the dialect \`${this.#worker.dialect.name}\` does not report slots, so it is not known to be idle`;
    }
    try {
      await waitForIdle(this.#worker, { timeoutMs: IDLE_TIMEOUT_MS });
      return undefined;
    } catch (error) {
      if (!isTestkitError(error, "IDLE_TIMEOUT")) throw error;
      return `it is not idle: ${firstLine(error)}`;
    }
  }

  async #findOtherHealth(): Promise<string | undefined> {
    const health = await readHealth(this.#worker);
    return health === this.#health ? undefined : `its health changed from ${this.#health} to ${health}`;
  }

  async #findGrowth(maxGrowthBytes: number): Promise<string | undefined> {
    if (this.#memory === undefined || this.#bytes === undefined) return "its process is not known";
    const grownBytes = (await this.#memory.read()) - this.#bytes;
    if (grownBytes <= maxGrowthBytes) return undefined;
    return `its memory has grown by ${formatBytes(grownBytes)}, more than \`maxGrowthBytes\` (${formatBytes(maxGrowthBytes)})`;
  }
}

/** Without what changes from one answer to the next; the status of the readiness path where the dialect has no health. */
async function readHealth(worker: WorkerTestHarness): Promise<string> {
  const { health, ready } = worker.dialect;
  if (health !== undefined) {
    const fields = Object.entries(await worker.health({ timeoutMs: HEALTH_TIMEOUT_MS }));
    return JSON.stringify(Object.fromEntries(fields.filter(([name]) => !VOLATILE.test(name))));
  }
  const response = await worker.request(ready?.path ?? "/", { timeoutMs: HEALTH_TIMEOUT_MS });
  response.abort("only the status counts");
  return `status ${response.status}`;
}
