import { stringifyJson } from "inference-worker-protocol";
import { formatMs } from "../../numbers/index.js";
import { LLAMA_INSTALL_HINT } from "../../harness/index.js";
import { EXIT_CODES } from "../exit-codes.js";
import { createOutput, printJson } from "../../terminal/index.js";
import { createDemoEngines } from "./demo-engines.js";
import type { EngineReport } from "./engine-report.js";
import type { DemoFlags } from "./flags.js";
import { Narrator } from "./narrator.js";
import { showEngine } from "./show-engine.js";

const INTRODUCTION = [
  "For each engine: start a real worker process, send a prompt over HTTP, show the tokens as they arrive,",
  "check them, stop the worker, and verify that nothing is left behind.",
];

/** Shows the engines one at a time; returns 1 if any check failed. */
export async function runDemo({ engine, gpuDevice, json = false }: DemoFlags): Promise<number> {
  const startedAtMs = performance.now();
  const narrator = new Narrator(createOutput(process.stdout, json));
  for (const line of INTRODUCTION) narrator.line(line);
  const reports: EngineReport[] = [];
  for (const one of createDemoEngines(engine, gpuDevice)) reports.push(await showEngine(one, narrator));
  const isPartial = engine === undefined && reports.length === 1;
  if (isPartial) narrator.note(`The llama engine is not installed: nothing of it was shown. ${LLAMA_INSTALL_HINT}`);
  const ok = reports.every((report) => report.ok);
  const tookMs = performance.now() - startedAtMs;
  narrator.summary(ok, summarize(reports, tookMs));
  if (json) printJson({ ok, tookMs, engines: reports }, stringifyJson);
  return ok ? EXIT_CODES.ok : EXIT_CODES.failed;
}

function summarize(reports: readonly EngineReport[], tookMs: number): string {
  const checks = reports.flatMap((report) => report.checks);
  const failedCount = checks.filter(({ passed }) => !passed).length;
  const engines = reports.length === 1 ? "1 engine" : `${reports.length} engines`;
  if (failedCount === 0)
    return `All ${checks.length} checks on ${engines} passed in ${formatMs(tookMs)}; nothing was left behind.`;
  return `${failedCount} of ${checks.length} checks on ${engines} failed.`;
}
