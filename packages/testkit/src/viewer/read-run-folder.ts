import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InvalidOptionError, ReportInvalidError } from "../errors/index.js";
import { BundleShelf } from "./embed-bundles.js";
import { findBundles } from "./find-bundles.js";
import { readJUnit, type JUnitCase, type JUnitResult } from "./junit/read-junit.js";
import { limitTests } from "./limit-tests.js";
import { quoteWord } from "../terminal/index.js";
import type { EvidencePageData, PageTest, PageWorker } from "./page-data.js";

/** The page of a run from its JUnit file and its bundles. @throws {INVALID_OPTION} @throws {REPORT_INVALID} */
export async function readRunFolder(folder: string, junit: string | undefined): Promise<EvidencePageData> {
  const folders = await listBundles(folder);
  const file = junit ?? findJUnit(folder);
  const result = file === undefined ? undefined : await readResult(file);
  if (result === undefined && folders.length === 0) {
    throw new InvalidOptionError({
      message: `Expected \`folder\` to contain bundles of evidence or a junit.xml, got \`${folder}\``,
      hint: "Name the folder that the tests wrote to, or the results of the tests: `--junit <file>`.",
    });
  }
  const shelf = new BundleShelf();
  const bundles = new BundleFolders(folders, await readTestNames(folders), shelf);
  const cases = result?.cases ?? [];
  const failedFirst = [...cases].sort((one, other) => Number(isFailed(other)) - Number(isFailed(one)));
  const made = new Map<JUnitCase, PageTest>();
  for (const each of failedFirst) made.set(each, await toTest(each, dirname(file ?? folder), bundles));
  const tests = [...cases.flatMap((each) => made.get(each) ?? []), ...(await bundles.listOthers())];
  const run = { runner: file ?? folder, startedAt: result?.startedAt ?? null, durationMs: result?.durationMs ?? null };
  return { title: "Test run", run: { ...run, ...limitTests(tests), errors: [] }, bundles: shelf.bundles };
}

/** The bundles of a folder: each belongs to one test. */
class BundleFolders {
  readonly #shelf: BundleShelf;
  readonly #left: Set<string>;
  readonly #ofTest: ReadonlyMap<string, readonly string[]>;

  /** @param ofTest the folders of each test that is named in its bundle. */
  constructor(folders: readonly string[], ofTest: ReadonlyMap<string, readonly string[]>, shelf: BundleShelf) {
    this.#shelf = shelf;
    this.#ofTest = ofTest;
    this.#left = new Set(folders.map((folder) => resolve(folder)));
  }

  /** The worker of a bundle; `undefined` if there is no such bundle: a test that passes leaves none. */
  async take(kind: string, folder: string): Promise<PageWorker | undefined> {
    const path = resolve(folder);
    if (!this.#left.delete(path)) return undefined;
    const { bundle, leftOut } = await this.#shelf.add(path);
    const shown = bundle === null ? undefined : this.#shelf.bundles[bundle];
    const worker = shown?.metadata.worker;
    return {
      kind,
      id: worker?.id ?? "unknown",
      readyAfterMs: worker?.readyAfterMs ?? null,
      stop: shown?.stop ?? null,
      faults: shown?.faults ?? [],
      bundle,
      leftOut,
    };
  }

  /** The folders of the bundles that name one of these as their test. */
  foldersOf(names: readonly string[]): readonly string[] {
    return [...new Set(names)].flatMap((name) => this.#ofTest.get(name) ?? []);
  }

  /** The command that runs a test of pytest again: its bundle has the name by which pytest finds it. */
  findCommand(workers: readonly PageWorker[]): string | null {
    const shown = workers.flatMap(({ bundle }) => (bundle === null ? [] : (this.#shelf.bundles[bundle] ?? [])));
    const id = shown.map(({ metadata }) => metadata.testName).find((name) => name?.includes(".py::") === true);
    return id === undefined ? null : `python -m pytest ${quoteWord(id)}`;
  }

  /** Bundles that no test of the file claims. */
  async listOthers(): Promise<PageTest[]> {
    const tests: PageTest[] = [];
    for (const folder of [...this.#left]) {
      const worker = await this.take("worker", folder);
      if (worker === undefined) continue;
      const shown = worker.bundle === null ? undefined : this.#shelf.bundles[worker.bundle];
      tests.push(toLoneTest(shown?.metadata.testName ?? folder, worker, this.#hasFailed(worker)));
    }
    return tests;
  }

  #hasFailed({ bundle }: PageWorker): boolean {
    const shown = bundle === null ? undefined : this.#shelf.bundles[bundle];
    if (shown === undefined) return false;
    return shown.failures.length > 0 || shown.verdicts.some(({ status }) => status === "fail");
  }
}

function toLoneTest(name: string, worker: PageWorker, hasFailed: boolean): PageTest {
  const errors = hasFailed ? [{ message: "see the verdicts in its evidence", stack: null }] : [];
  const note = hasFailed ? null : "a bundle that no test of the results claims";
  const facts = { name, file: null, durationMs: null, note, errors, again: null };
  return { ...facts, status: hasFailed ? "failed" : "passed", workers: [worker] };
}

async function toTest(each: JUnitCase, folder: string, bundles: BundleFolders): Promise<PageTest> {
  const { name, className, file, status, durationMs, note, errors, evidence } = each;
  const workers: PageWorker[] = [];
  const named = bundles.foldersOf([name, `${className}.${name}`, `${className}::${name}`, `${className} > ${name}`]);
  const folders = [...evidence.map(([kind, path]) => [kind, join(folder, path)] as const), ...named.map((path) => ["worker", path] as const)]; // prettier-ignore
  for (const [kind, path] of folders) {
    const worker = await bundles.take(kind, path);
    if (worker !== undefined) workers.push(worker);
  }
  const again = bundles.findCommand(workers);
  return { name, file: file ?? className, status, durationMs, note, errors, workers, again };
}

/** A bundle that cannot be read is reported where it is shown. */
async function readTestNames(folders: readonly string[]): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  for (const folder of folders) {
    const text = await readFile(join(folder, "metadata.json"), "utf8").catch(() => "");
    const name = /"testName":\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
    if (name === undefined) continue;
    const testName = JSON.parse(name) as string;
    names.set(testName, [...(names.get(testName) ?? []), folder]);
  }
  return names;
}

function isFailed({ status }: JUnitCase): boolean {
  return status === "failed";
}

async function listBundles(folder: string): Promise<string[]> {
  try {
    return await findBundles(folder);
  } catch (cause) {
    const message = `Expected \`folder\` to be a folder that can be read, got \`${folder}\`: ${(cause as Error).message}`;
    throw new InvalidOptionError({ message, cause });
  }
}

function findJUnit(folder: string): string | undefined {
  const file = join(folder, "junit.xml");
  return existsSync(file) ? file : undefined;
}

async function readResult(file: string): Promise<JUnitResult> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const message = `Expected \`--junit\` to be a file that can be read, got \`${file}\`: ${(cause as Error).message}`;
    throw new InvalidOptionError({ message, cause });
  });
  try {
    return readJUnit(text);
  } catch (cause) {
    const message = `The file is not JUnit XML: ${file}: ${(cause as Error).message}`;
    throw new ReportInvalidError({ message, hint: "Name the results that the test runner wrote, such as pytest's junit.xml.", cause }); // prettier-ignore
  }
}
