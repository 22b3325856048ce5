import { listDescendants } from "../../launch/index.js";
import { sumOf } from "./admission.js";
import type { LedgerEntry, LedgerFile } from "./ledger-file.js";
import { leave } from "./queue.js";
import type { VisibleGpus } from "./visible-gpus.js";

/** Pause between two readings of what the holder uses. */
const METER_EVERY_MS = 1000;

/** A share that was taken. */
export interface TakenShare {
  readonly ledger: LedgerFile;
  readonly gpus: VisibleGpus;
  readonly taken: LedgerEntry & { readonly uuid: string; readonly bytes: number };
  readonly waitedMs: number;
}

/**
 * A share of a GPU, until it is released. Meanwhile, what this process and its descendants use of the GPU is measured once a second: the next run
 * of the name may ask for as much.
 */
export class GpuReservation implements AsyncDisposable {
  /** The GPU, as for `WorkerTestHarness.start()`. */
  readonly device: number;
  /** What the worker may use. */
  readonly bytes: number;
  /** How long it waited, in ms. */
  readonly waitedMs: number;
  /** What was used at most; 0 if the GPU's tool lists no processes of this one. */
  peakBytes = 0;
  readonly #share: TakenShare;
  readonly #timer: NodeJS.Timeout;
  #reading: Promise<void> | undefined;
  #released: Promise<void> | undefined;

  /** @internal */
  constructor(share: TakenShare) {
    const { gpus, taken, waitedMs } = share;
    this.device = gpus.deviceOf(taken.uuid);
    this.bytes = taken.bytes;
    this.waitedMs = waitedMs;
    this.#share = share;
    this.#timer = setInterval(() => void this.measure(), METER_EVERY_MS).unref();
  }

  /** Measures now; never rejects. */
  measure(): Promise<void> {
    this.#reading ??= this.#measure()
      .catch(() => undefined) // a driver that fails for a moment: the next reading counts
      .finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Gives the share back. Stop the worker first. Idempotent. */
  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #measure(): Promise<void> {
    const { gpus, taken } = this.#share;
    const { processes } = await gpus.readOne(taken.uuid);
    if ("missing" in processes) return;
    const own = new Set([process.pid, ...listDescendants(process.pid)]);
    this.peakBytes = Math.max(this.peakBytes, sumOf(processes, own));
  }

  async #release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading;
    await leave(this.#share.ledger, this.#share.taken, this.peakBytes);
  }
}
