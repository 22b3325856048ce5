import { TestkitError, type TestkitErrorCode } from "../../errors/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import { plural } from "../../numbers/index.js";
import { checkOption, defineOptions, oneOf, resolveOptions, withDefault, type OptionsOf } from "../../options/index.js";
import { judgeSources } from "../leak/judge-sources.js";
import { LEAK_OPTIONS } from "../leak/leak-options.js";
import type { LeakVerdict } from "../leak/verdict.js";
import { SOURCES } from "../monitor/options.js";
import type { MemoryRecord } from "../record.js";
import { runLeakCycles, type LeakRunOptions } from "./run-leak-cycles.js";

const STEP = defineOptions({
  /** Whether a single jump passes, such as a buffer that grew once for the longest prompt so far. @default "allow" */
  step: withDefault(oneOf(["allow", "fail"]), "allow"),
});
const ASSERT_OPTIONS = defineOptions({
  ...LEAK_OPTIONS,
  /** Sources to judge. @default every available source; `gpu-device` only where `gpu-process` is not available */
  sources: SOURCES,
  ...STEP,
});

/** Options of {@link assertNoLeak} for a record. */
export interface LeakAssertOptions extends OptionsOf<typeof ASSERT_OPTIONS> {}

/**
 * Fails unless the verdict of every judged source is `none` (or `step`, if allowed). An inconclusive record also fails.
 *
 * Given a worker, it first records one: it runs `cycles` jobs, one at a time, with an idle point before the first and after
 * each.
 *
 * @throws {MEMORY_LEAK} @throws {MEMORY_STEP} only with `step: "fail"`.
 * @throws {MEMORY_INCONCLUSIVE} a source could not be judged (too few points, a restart, other GPU processes), or none could.
 * @throws {INVALID_OPTION} @throws whatever a job throws.
 * @example await assertNoLeak(worker, { cycles: 100 });
 */
export function assertNoLeak(record: MemoryRecord, options?: LeakAssertOptions): void;
export function assertNoLeak(
  worker: WorkerTestHarness,
  options?: LeakRunOptions & LeakAssertOptions,
): Promise<MemoryRecord>;
export function assertNoLeak(
  subject: MemoryRecord | WorkerTestHarness,
  options: LeakRunOptions & LeakAssertOptions = {},
): Promise<MemoryRecord> | void {
  checkOption(typeof subject === "object" && (subject as object | null) !== null, "subject", {
    wanted: "a record or a worker",
    value: subject,
  });
  if (!("samples" in subject)) return runAndAssert(subject, options);
  const { step, ...judging } = resolveOptions(ASSERT_OPTIONS, options);
  assertVerdicts(judgeSources(subject, judging), subject, { step });
}

async function runAndAssert(
  worker: WorkerTestHarness,
  options: LeakRunOptions & LeakAssertOptions,
): Promise<MemoryRecord> {
  const { step, ...running } = options;
  resolveOptions(STEP, { step });
  const record = await runLeakCycles(worker, running);
  assertVerdicts(record.verdicts, record, options);
  return record;
}

/** The worst one decides; the message has all of them. */
function assertVerdicts(
  verdicts: readonly LeakVerdict[],
  record: MemoryRecord,
  { step }: Pick<LeakAssertOptions, "step">,
): void {
  const has = (status: LeakVerdict["status"]): boolean => verdicts.some((one) => one.status === status);
  if (has("leak")) throw createError("MEMORY_LEAK", "the worker's memory grows with every cycle", verdicts);
  if (has("inconclusive"))
    throw createError("MEMORY_INCONCLUSIVE", "the record does not show whether memory leaks", verdicts);
  if (has("step") && step === "fail") throw createError("MEMORY_STEP", "the worker's memory jumped", verdicts);
  if (verdicts.length > 0) return;
  const reasons = record.sources.map(({ name, reason }) => `${name}: ${reason ?? "no idle point"}`);
  throw new TestkitError("MEMORY_INCONCLUSIVE", {
    message: ["there is nothing to judge: no source has a figure at an idle point", ...reasons.map(indent)],
  });
}

function createError(code: TestkitErrorCode, what: string, verdicts: readonly LeakVerdict[]): TestkitError {
  const lines = verdicts.map(({ source, status, reason, pointCount }) => {
    return `${source}: ${status} (${plural(pointCount, "idle point")}): ${reason}`;
  });
  return new TestkitError(code, {
    message: [what, ...lines.map(indent)],
    details: { verdicts: verdicts.map(shorten) },
  });
}

/** The message already has the rest. */
function shorten(verdict: LeakVerdict): Readonly<Record<string, unknown>> {
  const { source, status, pointCount } = verdict;
  if (verdict.status === "inconclusive") return { source, status, pointCount, cause: verdict.cause };
  const { slope, firstMedianBytes, lastMedianBytes, growthBytes } = verdict;
  const { bytesPerCycle, low, high } = slope;
  return {
    source,
    status,
    pointCount,
    bytesPerCycle,
    low,
    high,
    firstMedianBytes,
    lastMedianBytes,
    growthBytes,
  };
}

function indent(line: string): string {
  return `  ${line}`;
}
