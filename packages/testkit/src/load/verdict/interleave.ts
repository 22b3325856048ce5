import {
  abortSignal,
  callback,
  checkOption,
  defineOptions,
  integer,
  resolveOptions,
  withDefault,
  type OptionsOf,
} from "../../options/index.js";
import { checkResults } from "../check-results.js";
import type { LoadResult } from "../result.js";
import { LEAST_SAMPLES } from "./run-samples.js";

/** Performs one run; `repeat` counts from 0. */
export type RunOnce = (repeat: number) => Promise<LoadResult>;

/** One run of one side, as passed to `onRun`. */
interface FinishedRun {
  readonly side: "a" | "b";
  readonly repeat: number;
  readonly result: LoadResult;
}

/** The options of `interleave()`. */
const INTERLEAVE_OPTIONS = defineOptions({
  /** Valid runs of each build, at least 5. @default 5 */
  repeats: withDefault(integer([LEAST_SAMPLES, 1000]), LEAST_SAMPLES),
  /** Stops after the current run; pass it to `runLoad()` as well to cut that run short. */
  signal: abortSignal(),
  /** Called after each run. */
  onRun: callback<(run: FinishedRun) => void>(),
});

/** Options of `interleave()`. */
export interface InterleaveOptions extends OptionsOf<typeof INTERLEAVE_OPTIONS> {}

/** The runs of both builds, for `compareRuns(a, b)`. */
export interface InterleavedRuns {
  readonly a: readonly LoadResult[];
  readonly b: readonly LoadResult[];
}

/**
 * Runs two builds in turn on one machine: a b, b a, a b, … A busy moment of the machine hits both, and neither always goes first.
 * Invalid runs are made up for by extra rounds, at most `repeats` of them. The result includes the invalid runs; `compareRuns()`
 * leaves them out.
 *
 * @throws {INVALID_OPTION} fewer than 5 repeats; and whatever a run throws.
 * @example
 * const { a, b } = await interleave(() => runLoad(oldWorker, load), () => runLoad(newWorker, load), { repeats: 5 });
 * expect(compareRuns(a, b, { allow: ["workerVersion"] }).status).toBe("pass");
 */
export async function interleave(a: RunOnce, b: RunOnce, options: InterleaveOptions = {}): Promise<InterleavedRuns> {
  const { repeats, signal, onRun } = resolveOptions(INTERLEAVE_OPTIONS, options);
  const sides = { a, b };
  for (const [name, value] of Object.entries(sides)) {
    checkOption(typeof value === "function", name, { wanted: "a function that makes a run", value });
  }
  const runs = { a: [] as LoadResult[], b: [] as LoadResult[] };
  const isDone = () => Math.min(countValid(runs.a), countValid(runs.b)) >= repeats;
  for (let repeat = 0; repeat < 2 * repeats && !isDone(); repeat += 1) {
    for (const side of repeat % 2 === 0 ? (["a", "b"] as const) : (["b", "a"] as const)) {
      if (signal?.aborted === true) return runs;
      const result = await sides[side](repeat);
      checkResults(`${side}()`, [result]);
      runs[side].push(result);
      onRun?.({ side, repeat, result });
    }
  }
  return runs;
}

function countValid(runs: readonly LoadResult[]): number {
  return runs.filter((run) => run.validity.status === "valid").length;
}
