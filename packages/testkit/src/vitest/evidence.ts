import { createHash } from "node:crypto";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { BUNDLE_OPTIONS } from "../evidence/index.js";
import type { WorkerTestHarness } from "../harness/index.js";
import { defineOptions, oneOf, resolveOptions, text, withDefault, type OptionsOf } from "../options/index.js";

const OCCASION = defineOptions({
  /** Parent folder of the bundles, one per test and worker. @default none: nothing is recorded */
  folder: text({ filled: true }),
  /**
   * `failure`: if Vitest reports that the test failed; findings of the framework alone do not count as a failure. @default
   * "failure"
   */
  when: withDefault(oneOf(["always", "failure"]), "failure"),
});
const EVIDENCE_OPTIONS: typeof OCCASION & typeof BUNDLE_OPTIONS = { ...OCCASION, ...BUNDLE_OPTIONS };

/** Options of {@link InferenceFixtures.evidence}. */
export interface EvidenceFixtureOptions extends OptionsOf<typeof EVIDENCE_OPTIONS> {}

const LONGEST_NAME = 80;

/** The parts of a test's context that are needed. */
export type TestFacts = Pick<TestContext, "task" | "onTestFailed">;

/**
 * Records a test's worker. Vitest reports a failed test only after its fixtures are gone, and the bundle is written then.
 *
 * @param kind distinguishes the workers of one test.
 */
export async function recordTest(
  worker: WorkerTestHarness,
  given: EvidenceFixtureOptions,
  { test, kind }: { readonly test: TestFacts; readonly kind: string },
): Promise<void> {
  const { folder, when, redact, maxBytes, hashModel } = resolveOptions(EVIDENCE_OPTIONS, given, "evidence");
  if (folder === undefined) return;
  const { fullName: testName, id } = test.task;
  const name = `${nameBundle(redact.prompts || redact.text ? "" : testName, id)}-${kind}`;
  const asked = when === "failure" ? "asked" : when;
  const recording = await worker.recordTo(join(folder, name), { redact, maxBytes, hashModel, when: asked, testName });
  test.onTestFailed(async ({ task }) => {
    const [error] = task.result?.errors ?? [];
    await recording.fail(error?.message ?? "the test failed");
  });
}

/**
 * A folder name that is the same in every run. @param testName empty if it must not be revealed: a title may quote a prompt.
 */
export function nameBundle(testName: string, id: string): string {
  const readable = testName
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, LONGEST_NAME);
  const unique = createHash("sha256").update(`${id} ${testName}`).digest("hex").slice(0, 8);
  return readable === "" ? unique : `${readable}-${unique}`;
}
