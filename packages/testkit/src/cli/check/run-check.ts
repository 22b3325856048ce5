import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Check } from "../../conformance/check.js";
import { parseConformanceReport } from "../../conformance/report/parse-report.js";
import type { ConformanceReport } from "../../conformance/report/conformance-report.js";
import { PAGE_FILE, REPORT_FILE, writeConformanceReport } from "../../conformance/report/write-report.js";
import { planConformance, type ConformanceOptions } from "../../conformance/run/options.js";
import { runSuite } from "../../conformance/run/run-conformance.js";
import { InvalidOptionError, isTestkitError, ReportInvalidError, reasonOf } from "../../errors/index.js";
import { prepareReportFolder } from "../../report/index.js";
import { createOutput, printJson, type Output } from "../../terminal/index.js";
import { plural } from "../../numbers/index.js";
import { EXIT_CODES } from "../exit-codes.js";
import { LivePage, watchPage } from "../live/live-page.js";
import { reportError } from "../report-error.js";
import { Interrupt } from "../runs/interrupt.js";
import { checkNamesServer, chooseServer } from "./choose-server.js";
import type { CheckFlags } from "./flags.js";
import { printCatalogue, printResult, printSummary, toExitCode } from "./print-checks.js";

/**
 * Checks the selected server and writes the report.
 *
 * @returns the exit code for the status of the report; that of a run that proves nothing if the server cannot be reached or started.
 * @throws {INVALID_OPTION}
 */
export async function runCheckCommand(flags: CheckFlags): Promise<number> {
  const output = createOutput(process.stdout, flags.json);
  const given = toOptions(flags);
  const { checks } = planConformance(given);
  if (flags.list === true) return list(checks, flags);
  checkNamesServer(flags);
  const baseline = flags.baseline === undefined ? undefined : await readBaseline(flags.baseline);
  if (flags.out !== undefined) await prepareReportFolder(flags.out);
  const progress = createOutput(process.stderr);
  using interrupt = new Interrupt((name) => {
    progress.line(`${name}: ending the run; press Ctrl-C again to end the program`);
  });
  const { signal } = interrupt;
  await using page = flags.ui === true ? await openPage(flags, interrupt) : undefined;
  if (page !== undefined) progress.line(`watch the checks: ${page.url}`);
  let doneCount = 0;
  const onResult: ConformanceOptions["onResult"] = (result) => {
    printResult(result, flags.json === true ? progress : output);
    doneCount += 1;
    const text = `${doneCount} of ${plural(checks.length, "check")}; last: ${result.id}`;
    page?.add({ results: [result], progress: { share: doneCount / checks.length, text } });
  };
  const onServer: ConformanceOptions["onServer"] = (server) => page?.add({ server });
  const report = await runUnlessUnreachable({ ...given, baseline, signal, onResult, onServer }, flags);
  if (report === undefined) return EXIT_CODES.inconclusive;
  await page?.end(report);
  return await finish(report, flags, output);
}

function openPage({ level, seed }: CheckFlags, interrupt: Interrupt): Promise<LivePage> {
  return LivePage.open({ kind: "conformance", level, seed }, watchPage(interrupt));
}

function toOptions(flags: CheckFlags): ConformanceOptions {
  const { level, only, skip = [], declare, dialect, model, seed, slow } = flags;
  return {
    ...{ level, only, dialect, model, seed },
    skip: Object.fromEntries(skip),
    profile: declare,
    budgetFactor: slow,
  };
}

function list(checks: readonly Check[], { json }: CheckFlags): number {
  if (json === true) printJson(checks.map((check) => ({ ...check, run: undefined })));
  else printCatalogue(checks, createOutput(process.stdout));
  return EXIT_CODES.ok;
}

/** A server that cannot be reached or started proves nothing: its error is printed, with what was tried. */
async function runUnlessUnreachable(
  options: ConformanceOptions,
  flags: CheckFlags,
): Promise<ConformanceReport | undefined> {
  try {
    return await runSuite(await chooseServer(flags, options.signal as AbortSignal), options);
  } catch (error) {
    if (!isTestkitError(error) || error.code === "INVALID_OPTION") throw error;
    reportError(error, flags);
    return undefined;
  }
}

async function finish(report: ConformanceReport, { out, json }: CheckFlags, output: Output): Promise<number> {
  const files = out === undefined ? undefined : await writeConformanceReport(report, out);
  printSummary(report, output);
  if (files !== undefined) {
    output.line(`report: ${files[REPORT_FILE]}`);
    output.line(`page: ${files[PAGE_FILE]}`);
  }
  if (json === true) printJson(report);
  return toExitCode(report.status);
}

/** @throws {INVALID_OPTION} not a file, or a report that cannot be read. */
async function readBaseline(path: string): Promise<ConformanceReport> {
  let file = path;
  try {
    if ((await stat(path)).isDirectory()) file = join(path, REPORT_FILE);
    return parseConformanceReport(await readFile(file, "utf8"));
  } catch (cause) {
    const isReadable = cause instanceof ReportInvalidError;
    const wanted = isReadable ? `a report of \`check\`: ${file}` : "a readable file";
    const hint = isReadable ? "Write the baseline with `inference-testkit check --out` of this release." : undefined;
    throw new InvalidOptionError({ message: `Expected --baseline to be ${wanted}: ${reasonOf(cause)}`, hint, cause });
  }
}
