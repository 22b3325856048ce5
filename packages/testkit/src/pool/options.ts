import type { WorkerTestHarness } from "../harness/index.js";
import {
  abortSignal,
  callback,
  defineOptions,
  durationMs,
  integer,
  oneOf,
  required,
  sizeBytes,
  text,
  withDefault,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../options/index.js";

const MIB = 1024 * 1024;
/** More are a mistake: each is a process, and often a model in memory. */
const MOST_WORKERS = 256;

/** The options that say how workers are kept. */
export const KEEPING_OPTIONS = defineOptions({
  /**
   * Workers that are started ahead, in the background, so that a test does not wait for a start. @default 1; 0 with `reuse: "clean"`
   */
  spares: integer([0, MOST_WORKERS]),
  /**
   * `never`: every test gets a fresh process. `clean`: a worker goes to the next test if it is proved to be clean: idle, without faults or a
   * changed configuration, the same process, health as at the start, memory not grown. Otherwise it is replaced. @default "never"
   */
  reuse: withDefault(oneOf(["never", "clean"]), "never"),
  /** Maximum number of workers that exist at the same time. @default no limit */
  maxWorkers: integer([1, MOST_WORKERS]),
  /** How much more memory than after its start a worker may have to be reused, in bytes of its own (not of mapped files). @default 64 MiB */
  maxGrowthBytes: withDefault(sizeBytes(), 64 * MIB),
  /** How long a test waits for a worker, in ms. @default 60000 */
  takeTimeoutMs: withDefault(durationMs(), 60_000),
});

const START = defineOptions({
  /** Starts one worker; `signal` fires when the pool is closed. @example ({ signal }) => WorkerTestHarness.startMock({ signal }) */
  start: required(callback<(context: { readonly signal: AbortSignal }) => Promise<WorkerTestHarness>>()),
});

export const POOL_OPTIONS: typeof START & typeof KEEPING_OPTIONS = { ...START, ...KEEPING_OPTIONS };

/** Options of {@link createWorkerPool}. */
export interface WorkerPoolOptions extends OptionsOf<typeof POOL_OPTIONS> {}
export type ResolvedPoolOptions = Omit<ResolvedOptionsOf<typeof POOL_OPTIONS>, "spares" | "maxWorkers"> & {
  readonly spares: number;
  readonly maxWorkers: number;
};

/** Fills in the defaults that depend on other options. */
export function completePoolOptions(given: ResolvedOptionsOf<typeof POOL_OPTIONS>): ResolvedPoolOptions {
  const spares = given.spares ?? (given.reuse === "clean" ? 0 : 1);
  return { ...given, spares, maxWorkers: given.maxWorkers ?? Infinity };
}

export const TAKE_OPTIONS = defineOptions({
  /** The name of the test, for messages. @default "a test" */
  test: withDefault(text({ filled: true }), "a test"),
  /** Ends the wait for a worker. */
  signal: abortSignal(),
});

/** Options of `take()`. */
export interface TakeOptions extends OptionsOf<typeof TAKE_OPTIONS> {}
