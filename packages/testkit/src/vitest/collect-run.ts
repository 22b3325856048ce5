import { relative } from "node:path";
import type { SerializedError, TestCase, TestModule } from "vitest/node";
import type { WorkerAccount } from "../fixtures/index.js";
import { quoteWord } from "../terminal/index.js";
import {
  BundleShelf,
  limitError,
  limitTests,
  type EvidencePageData,
  type PageError,
  type PageRun,
  type PageTest,
  type PageWorker,
} from "../viewer/index.js";

/** What Vitest reports at the end of a run. */
export interface VitestRun {
  readonly modules: readonly TestModule[];
  readonly errors: readonly SerializedError[];
  readonly root: string;
  readonly startedAt: Date;
}

const STATUSES = { passed: "passed", failed: "failed", skipped: "skipped", pending: "not-run" } as const;

/** The page of a run: every test, with the bundles of those that failed. */
export async function collectRun(run: VitestRun): Promise<EvidencePageData & { readonly run: PageRun }> {
  const shelf = new BundleShelf();
  const cases = run.modules.flatMap((module) => [...module.children.allTests()]);
  const failedFirst = [...cases.filter(hasFailed), ...cases.filter((test) => !hasFailed(test))];
  const tests: PageTest[] = [];
  for (const test of failedFirst) tests.push(await toPageTest(test, run.root, shelf));
  const errors = [...run.errors.map(toPageError), ...run.modules.flatMap((module) => moduleErrors(module, run.root))];
  return {
    title: "Test run",
    run: {
      runner: "Vitest",
      startedAt: run.startedAt.toISOString(),
      durationMs: Date.now() - run.startedAt.getTime(),
      errors: errors.map(limitError),
      ...limitTests(tests),
    },
    bundles: shelf.bundles,
  };
}

function hasFailed(test: TestCase): boolean {
  return test.result().state === "failed";
}

async function toPageTest(test: TestCase, root: string, shelf: BundleShelf): Promise<PageTest> {
  const result = test.result();
  const file = relative(root, test.module.moduleId);
  const workers: PageWorker[] = [];
  for (const account of test.meta().inferenceTestkit?.workers ?? []) {
    workers.push(await toPageWorker(account, hasFailed(test), shelf));
  }
  return {
    name: test.fullName,
    file,
    status: STATUSES[result.state],
    durationMs: test.diagnostic()?.duration ?? null,
    note: noteOf(test),
    errors: listErrors(result.errors ?? []),
    workers,
    again: `npx vitest run ${quoteWord(file)} -t ${quoteWord(`^${escapePattern(test.fullName.replaceAll(" > ", " "))}$`)}`,
  };
}

/** The bundle knows how the stop went even if it failed, and when the faults fired. */
async function toPageWorker(account: WorkerAccount, isFailed: boolean, shelf: BundleShelf): Promise<PageWorker> {
  const { kind, id, readyAfterMs, stop, faults, evidence } = account;
  const facts = { kind, id, readyAfterMs, stop, faults };
  if (evidence === null || !isFailed) return { ...facts, bundle: null, leftOut: null };
  const embedded = await shelf.add(evidence);
  const shown = embedded.bundle === null ? undefined : shelf.bundles[embedded.bundle];
  return { ...facts, stop: stop ?? shown?.stop ?? null, faults: shown?.faults ?? faults, ...embedded };
}

function noteOf(test: TestCase): string | null {
  const result = test.result();
  if (result.state === "skipped") return result.note ?? null;
  const retries = test.diagnostic()?.retryCount ?? 0;
  return retries > 0 && result.state === "passed" ? `passed at attempt ${retries + 1}` : null;
}

function moduleErrors(module: TestModule, root: string): PageError[] {
  const file = relative(root, module.moduleId);
  return module.errors().map((error) => ({ ...toPageError(error), message: `${file}: ${error.message}` }));
}

/** Vitest reports an error of a fixture twice. */
function listErrors(errors: readonly Thrown[]): PageError[] {
  const shown = errors.map(toPageError);
  const isFirst = ({ message, stack }: PageError, index: number): boolean =>
    shown.findIndex((each) => each.message === message && each.stack === stack) === index;
  return shown.filter(isFirst);
}

/** A test may throw anything. */
interface Thrown {
  readonly message?: unknown;
  readonly stack?: unknown;
}

function toPageError({ message = "an error without a message", stack }: Thrown): PageError {
  return { message: String(message), stack: typeof stack === "string" && stack !== "" ? stack : null };
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
