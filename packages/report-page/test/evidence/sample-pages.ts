import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createBundlePage, readRunFolder, toEvidenceHtml } from "../../../testkit/src/viewer/index.js";
import type { PageTest } from "../../../testkit/src/viewer/page-data.js";
import { HOSTILE_TEXTS } from "../../../testkit/test/report/hostile.js";
import { writeSampleBundle, type SampleJob, type SampleParts } from "../../../testkit/test/viewer/sample-bundle.js";

/** Paths of pages: of a bundle with a broken rule, a large, a hostile, an incomplete and an empty one, and of runs of tests. */
export type SamplePages = Readonly<
  Record<"broken" | "large" | "hostile" | "partial" | "empty" | "run" | "hostileRun" | "long", string>
>;

const FAULT = { key: "index-gap#1", id: "index-gap", optional: false, matched: 1, fired: 1, bypassed: {}, skipped: 0, firedAtMs: 118 } as const; // prettier-ignore
const STOP = { exit: { kind: "exited", code: 0 }, endedBefore: false, killed: false, survivors: [{ pid: 9, command: "left" }], tookMs: 8 } as const; // prettier-ignore
const BROKEN: readonly SampleJob[] = [{}, { gapAt: 2, tokenCount: 6 }, { refused: 503 }, { withBytes: true }];
const BROKEN_PARTS: SampleParts = {
  log: ["starting", ...Array.from({ length: 40 }, (_, index) => `line ${index}`)],
  verdicts: {
    verdicts: [{ name: "test", status: "fail", message: "[ORDER_VIOLATED] At event 3\nsecond line", atMs: 300 }],
    faults: [FAULT],
    stop: STOP,
  },
};

/** Writes them into a folder. */
export async function writeSamplePages(folder: string): Promise<SamplePages> {
  const write = async (name: string, jobs: readonly SampleJob[], parts?: SampleParts) => {
    const bundle = await writeSampleBundle(join(folder, name), jobs, parts);
    const path = join(folder, `${name}.html`);
    await writeFile(path, (await createBundlePage(bundle)).html);
    return path;
  };
  const cut = { droppedLineCount: 12, droppedBodyCount: 3 };
  const redacted = { prompts: true, text: true, log: true };
  const dropped = { seeds: 0, timings: 0, logLines: 7 };
  return {
    broken: await write("broken", BROKEN, BROKEN_PARTS),
    large: await write("large", [{}, { tokenCount: 20_000, gapAt: 15_000, itlMs: 1 }], { log: Array.from({ length: 5_000 }, (_, index) => `line ${index}`) }), // prettier-ignore
    hostile: await write("hostile", hostileJobs(), hostileParts()),
    partial: await write("partial", [{}, { isCut: true }], { cut, metadata: { redacted, dropped } }),
    empty: await write("empty", []),
    run: await writeRun(folder),
    hostileRun: await writeHostileRun(folder),
    long: await writeLongRun(folder),
  };
}

async function writeRun(folder: string): Promise<string> {
  const results = join(folder, "run");
  await writeSampleBundle(join(results, "one"), BROKEN, BROKEN_PARTS);
  const passes = Array.from(
    { length: 30 },
    (_, index) => `<testcase classname="a" name="passes ${index}" time="0.01"/>`,
  );
  const failed =
    '<testcase classname="streams" name="in order" time="0.5"><failure message="[ORDER_VIOLATED] At event 3">stack</failure></testcase>';
  const skipped = '<testcase classname="b" name="later"><skipped message="not yet"/></testcase>';
  await writeFile(join(results, "junit.xml"), `<testsuite timestamp="2026-01-02T03:04:05Z" time="2">${passes.join("")}${failed}${skipped}</testsuite>`); // prettier-ignore
  const path = join(results, "index.html");
  await writeFile(path, await toEvidenceHtml(await readRunFolder(results, undefined)));
  return path;
}

async function writeLongRun(folder: string): Promise<string> {
  const tests = Array.from({ length: 1_000 }, (_, number): PageTest => {
    const facts = { file: null, durationMs: 1, note: null, errors: [], workers: [], again: null };
    return { name: `number ${number}`, status: "passed", ...facts };
  });
  const run = { runner: "Vitest", startedAt: null, durationMs: null, tests, errors: [], omittedTestCount: 0 };
  const path = join(folder, "long-run.html");
  await writeFile(path, await toEvidenceHtml({ title: "Test run", run, bundles: [] }));
  return path;
}

async function writeHostileRun(folder: string): Promise<string> {
  const tests = HOSTILE_TEXTS.map((text): PageTest => {
    const worker = { kind: text, id: text, readyAfterMs: 1, stop: null, faults: [{ ...FAULT, key: text }], bundle: null, leftOut: text }; // prettier-ignore
    const errors = [{ message: text, stack: `${text}\n${"long ".repeat(2_000)}` }];
    return {
      name: text,
      file: text,
      status: "failed",
      durationMs: 1,
      note: text,
      errors,
      workers: [worker],
      again: text,
    };
  });
  const facts = {
    runner: HOSTILE_TEXTS.join(" "),
    startedAt: "2026-01-02T03:04:05Z",
    durationMs: 1,
    omittedTestCount: 3,
  };
  const run = { ...facts, tests, errors: [{ message: HOSTILE_TEXTS.join(" "), stack: null }] };
  const path = join(folder, "hostile-run.html");
  await writeFile(path, await toEvidenceHtml({ title: HOSTILE_TEXTS.join(" "), run, bundles: [] }));
  return path;
}

function hostileJobs(): SampleJob[] {
  return HOSTILE_TEXTS.map((text) => ({
    jobId: text,
    gapAt: 1,
    text: (index: number) => (index === 2 ? "long".repeat(20_000) : text.toWellFormed()),
    headers: { "x-hostile": text },
    body: { prompt: text, [text]: "x".repeat(50_000) },
    withBytes: true,
  }));
}

function hostileParts(): SampleParts {
  const all = HOSTILE_TEXTS.join(" ");
  const verdicts = HOSTILE_TEXTS.map((text) => ({ name: text, status: "fail" as const, message: text, atMs: 1 }));
  const failures = HOSTILE_TEXTS.map((text) => ({ name: text, code: text, message: text }));
  const findings = HOSTILE_TEXTS.map((message) => ({
    code: "INVALID_UTF8" as const,
    message,
    jobId: message,
    status: "fails" as const,
  }));
  const worker = {
    id: all,
    url: `http://127.0.0.1:9/${all}`,
    command: all,
    args: HOSTILE_TEXTS,
    version: all,
    model: all,
  };
  return {
    log: HOSTILE_TEXTS,
    verdicts: { verdicts, failures, findings, faults: [{ ...FAULT, key: all }], stop: { ...STOP, survivors: [{ pid: 1, command: all }] } }, // prettier-ignore
    metadata: { testName: all, worker, dialect: all },
  };
}
