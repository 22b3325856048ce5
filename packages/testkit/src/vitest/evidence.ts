import { createHash } from "node:crypto";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { checkKnownOptions, checkOption } from "../errors/index.js";
import type { RecordOptions } from "../evidence/index.js";
import type { WorkerTestHarness } from "../harness/index.js";

/** Options of {@link InferenceFixtures.evidence}. */
export interface EvidenceFixtureOptions extends Omit<RecordOptions, "testName" | "when"> {
  /** Gets a folder for each test and worker; nothing is recorded without it. */
  readonly folder?: string | undefined;
  /** `failure`: if Vitest says that the test failed; what the framework itself saw plays no role. @default "failure" */
  readonly when?: "always" | "failure" | undefined;
}

const LONGEST_NAME = 80;
const NAMES = ["folder", "when", "redact", "maxBytes", "hashModel"] satisfies (keyof EvidenceFixtureOptions)[];

/** What of a test's context is needed. */
export type TestFacts = Pick<TestContext, "task" | "onTestFailed">;

/**
 * Records a test's worker. Vitest says that a test has failed only after its fixtures are gone: the bundle is written then.
 *
 * @param kind tells the workers of one test apart.
 */
export async function recordTest(
  worker: WorkerTestHarness,
  { folder, when = "failure", ...options }: EvidenceFixtureOptions,
  { test, kind }: { readonly test: TestFacts; readonly kind: string },
): Promise<void> {
  checkKnownOptions("evidence", { folder, when, ...options }, NAMES);
  checkOption(["always", "failure"].includes(when), "when", { wanted: '"always" or "failure"', value: when });
  if (folder === undefined) return;
  const { fullName: testName, id } = test.task;
  const isRedacted = options.redact !== undefined && options.redact !== false;
  const name = `${nameBundle(isRedacted ? "" : testName, id)}-${kind}`;
  const asked = when === "failure" ? "asked" : when;
  const recording = await worker.recordTo(join(folder, name), { ...options, when: asked, testName });
  test.onTestFailed(async ({ task }) => {
    const [error] = task.result?.errors ?? [];
    await recording.fail(error?.message ?? "the test failed");
  });
}

/** A folder name that is the same in every run. @param testName empty where it must not be told: a title may quote a prompt. */
export function nameBundle(testName: string, id: string): string {
  const readable = testName
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, LONGEST_NAME);
  const unique = createHash("sha256").update(`${id} ${testName}`).digest("hex").slice(0, 8);
  return readable === "" ? unique : `${readable}-${unique}`;
}
