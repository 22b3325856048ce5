import { basename, dirname, join } from "node:path";
import type { ExecuteBody } from "../dialects/index.js";
import { matchGolden, type GoldenOptions, type RecordMode } from "../golden/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import { checkOption, isRecord } from "../options/index.js";
import { joinVisibleLines } from "../terminal/index.js";
import { createResult, type MatcherResult } from "./result.js";

/** What Vitest and Jest tell a matcher, as far as it is used here. */
interface MatcherContext {
  readonly isNot?: boolean;
  readonly testPath?: string | undefined;
  readonly snapshotState?: { readonly snapshotUpdateState?: unknown; readonly _updateSnapshot?: unknown } | undefined;
  /** Of Vitest. */
  readonly task?: { readonly context?: { readonly skip: (note?: string) => never } } | undefined;
}

/**
 * The worker answers the request as it did when its golden transcript was recorded. The first run records it; `-u` records it again; with
 * `--ci`, or in Vitest with `CI=true`, nothing is recorded. A transcript belongs to server, version, model, device and request: recorded with
 * others, the test is skipped in Vitest, noted on stderr in other runners, and fails with `--ci`.
 *
 * @example await expect(worker).toMatchGolden("capital-of-france", makeTestRequest("job-1", "The capital of France is", 10));
 */
// eslint-disable-next-line max-params -- `expect` passes what it received and the arguments of the call
export async function toMatchGolden(
  this: unknown,
  received: WorkerTestHarness,
  name: string,
  request: ExecuteBody,
  options: GoldenOptions = {},
): Promise<MatcherResult> {
  const context = (this ?? {}) as MatcherContext;
  checkOption(context.isNot !== true, "expect", { wanted: "used without `.not` for `toMatchGolden`", value: "not" });
  checkOption(isWorker(received), "expect(…)", {
    wanted: "given a worker for `toMatchGolden`",
    value: received,
  });
  const mode = findMode(context);
  const folder = findFolder(context.testPath);
  const result = await matchGolden({ worker: received, name, request, mode, folder, options });
  if (!("message" in result)) return createResult(undefined, "");
  const message = joinVisibleLines(result.message);
  if (result.status === "different") return createResult({ code: "GOLDEN_DIFFERENT", message }, "");
  if (result.status === "missing" || mode === "none") return createResult({ code: "GOLDEN_MISSING", message }, "");
  return leaveOpen(context, `${message}\nRun with \`-u\` to record one here.`);
}

/** Neither passes nor fails, where the runner can say so. */
function leaveOpen(context: MatcherContext, message: string): MatcherResult {
  context.task?.context?.skip(message);
  process.stderr.write(`[GOLDEN_MISSING] not compared: ${message}\n`);
  return createResult(undefined, "");
}

/** By its shape: it may come from another copy of the package. */
function isWorker(value: unknown): value is WorkerTestHarness {
  return isRecord(value) && typeof value["execute"] === "function" && isRecord(value["internals"]);
}

/** As for snapshots, whose state Jest keeps under another name. */
function findMode({ snapshotState }: MatcherContext): RecordMode {
  const mode = snapshotState?.snapshotUpdateState ?? snapshotState?._updateSnapshot;
  return mode === "all" || mode === "none" ? mode : "new";
}

function findFolder(testPath: string | undefined): string | undefined {
  return testPath === undefined ? undefined : join(dirname(testPath), "__golden__", basename(testPath));
}
