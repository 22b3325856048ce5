// Packs the packages, checks the packed files with publint, installs them into an empty project, and uses them there: every
// entry point, the types, both programs, and the engine that is installed on request.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packAll } from "./pack.mjs";

/** A library that is added to every project must not be felt. */
const MOST_MEGABYTES = 30;
const MOST_PACKAGES = 60;

const root = fileURLToPath(new URL("..", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "inference-testkit-packed-"));

try {
  const tarballs = Object.values(packAll(join(project, "packed")));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  run(
    "npm",
    ["install", "--omit=optional", "--omit=peer", "--ignore-scripts", "--no-audit", "--no-fund", ...tarballs],
    project,
  );
  checkSize();
  useEntryPoints();
  checkTypes();
  run("npx", ["--no-install", "worker-orcd", "--version"], project);
  run("npx", ["--no-install", "inference-testkit", "demo", "--engine", "stub"], project);
  process.env.INFERENCE_TESTKIT_CACHE = join(project, "cache");
  run("npx", ["--no-install", "inference-testkit", "engine", "install", "cpu"], project);
  run("npx", ["--no-install", "inference-testkit", "demo", "--engine", "llama"], project);
  console.log("packed packages: installed, imported, typed and run");
} finally {
  rmSync(project, { recursive: true, force: true });
}

/** What a user gets by installing the library alone. */
function checkSize() {
  const files = readdirSync(join(project, "node_modules"), { recursive: true, withFileTypes: true });
  const sizes = files.filter((file) => file.isFile()).map((file) => statSync(join(file.parentPath, file.name)).size);
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  const installed = JSON.parse(readFileSync(join(project, "node_modules/.package-lock.json"), "utf8")).packages;
  const count = Object.keys(installed).length;
  console.log(`installed: ${megabytes.toFixed(1)} MB, ${count} packages`);
  if (megabytes > MOST_MEGABYTES || count > MOST_PACKAGES)
    throw new Error(`expected at most ${MOST_MEGABYTES} MB and ${MOST_PACKAGES} packages`);
}

function useEntryPoints() {
  const program = `
    import { assertSuccessfulCompletion, collectSseEvents, makeTestRequest, WorkerTestHarness } from "inference-testkit";
    import { createWorkerPool } from "inference-testkit";
    import { FaultProxy } from "inference-testkit/faults";
    import { runLoad } from "inference-testkit/load";
    import { matchers } from "inference-testkit/matchers";
    import { judgeLeak } from "inference-testkit/memory";
    import { createRunReport, writeReport } from "inference-testkit/report";
    import { WORKER_ERRORS } from "inference-worker-protocol";
    import { FAULTS } from "worker-orcd-control";
    import { createRequire } from "node:module";
    const worker = await WorkerTestHarness.startMock();
    const events = await collectSseEvents(await worker.execute(makeTestRequest("job-1", "Hello", 5)));
    assertSuccessfulCompletion(events);
    if (!matchers.toHaveTokenCount(events, 5).pass || WORKER_ERRORS.QUEUE_FULL.status !== 503) process.exitCode = 1;
    if (FAULTS.rst.provider !== "proxy") process.exitCode = 1;
    const proxy = await FaultProxy.inFrontOf(worker, { faults: [{ id: "status", code: 503 }] });
    if ((await proxy.worker.execute(makeTestRequest("job-2", "Hello", 5))).status !== 503) process.exitCode = 1;
    await proxy.stop();
    const requests = (index) => makeTestRequest("load-" + index, "Hello", 5);
    const load = await runLoad(worker, { profile: { kind: "serial" }, requests, stop: { count: 4 }, clientThreads: 2 });
    if (load.counts.byStatus.ok !== 4) process.exitCode = 1;
    const { files } = await writeReport(createRunReport({ load }), "run");
    const schema = createRequire(import.meta.url)("inference-testkit/report/schema");
    if (!files["report.html"].endsWith("report.html") || schema.properties.kind.const !== "run-report") process.exitCode = 1;
    const pool = createWorkerPool({ start: () => WorkerTestHarness.startMock(), reuse: "clean" });
    const lease = await pool.take();
    if ((await lease.release()).status !== "kept") process.exitCode = 1;
    await pool.close();
    if (judgeLeak([], { source: "process-tree" }).status !== "inconclusive") process.exitCode = 1;
    await worker.stop();
  `;
  writeFileSync(join(project, "use.js"), program);
  run(process.execPath, ["use.js"], project);
}

function checkTypes() {
  writeFileSync(
    join(project, "use.ts"),
    `import { WorkerTestHarness, type InferenceEvent } from "inference-testkit";
     import { FaultProxy } from "inference-testkit/faults";
     import { compareRuns, type LoadResult } from "inference-testkit/load";
     import { parseRunReport, type RunReport } from "inference-testkit/report";
     export const read: (json: string) => RunReport = parseRunReport;
     import { matchers } from "inference-testkit/matchers";
     import { test as nodeTest } from "inference-testkit/node-test";
     const pooled = nodeTest.extend({ workerPool: { scope: "file", reuse: "clean" }, workerOptions: { command: "./my-worker" } });
     export const define = (): Promise<void> => pooled("is typed", async ({ worker }) => void (await worker.health()));
     import { assertNoLeak, type MemoryRecord } from "inference-testkit/memory";
     export const leak: (worker: WorkerTestHarness) => Promise<MemoryRecord> = (worker) => assertNoLeak(worker, { cycles: 100 });
     export const start: () => Promise<WorkerTestHarness> = () => WorkerTestHarness.startMock({ stub: { outputTokens: 3 } });
     export const check = (events: InferenceEvent[]): { pass: boolean } => matchers.toHaveTokenCount(events, { max: 3 });
     export const breakOn = (url: string): Promise<FaultProxy> => FaultProxy.inFrontOf(url, { faults: [{ id: "rst", at: { afterTokens: 3 } }] });
     // @ts-expect-error a fault that a proxy cannot provide is rejected
     export const wrongFault = FaultProxy.inFrontOf("http://127.0.0.1:1", { faults: [{ id: "vram-oom" }] });
     export const verdict = (runs: LoadResult[]): string => compareRuns(runs, runs, { tolerance: 0.2 }).status;
     // @ts-expect-error a misspelled option is rejected
     export const wrong = WorkerTestHarness.startMock({ paralel: 2 });`,
  );
  const compilerOptions = {
    noEmit: true,
    strict: true,
    module: "nodenext",
    target: "es2022",
    lib: ["es2023", "esnext.disposable"],
    typeRoots: [join(root, "node_modules/@types")],
    types: ["node"],
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }));
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], project);
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
}
