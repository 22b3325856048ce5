import { ReportInvalidError } from "../errors/index.js";
import { METRIC_DEFINITIONS, type RunMetric } from "../load/index.js";
import { REQUEST_METRICS } from "../load/metrics/definitions.js";
import { findSchemaProblem } from "./check-schema.js";
import type { ReportVerdict, RunReport } from "./run-report.js";
import { findWorst, isVerdict } from "./verdicts.js";

/** The version that this release writes, and the newest that it reads. */
const NEWEST_VERSION = 1;

const LOAD_PARTS = [
  "latency",
  "figures",
  "counts",
  "window",
  "plan",
  "machine",
  "definitions",
  "validity",
  "gapHistogram",
] as const;
const FIGURES = [
  "requestThroughput",
  "tokenThroughput",
  "goodput",
  "goodputShare",
  "errorShare",
  "concurrencyMean",
  "concurrencyPeak",
] as const satisfies RunMetric[];
const LATENCIES = [...REQUEST_METRICS, "gap"] as const;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a `run.json`.
 *
 * @throws {REPORT_INVALID} no JSON, no report, or one of a newer release.
 * @example parseRunReport(await readFile("run/run.json", "utf8"))
 */
export function parseRunReport(json: string): RunReport {
  const value = parseJson(json);
  if (!isObject(value) || value["kind"] !== "run-report") {
    const kind = isObject(value) ? value["kind"] : value;
    throw fail(`expected \`kind\` to be "run-report", got ${describe(kind)}`);
  }
  checkVersion(value["schemaVersion"]);
  checkShape(value);
  const problem = findSchemaProblem(value);
  if (problem !== undefined) throw fail(problem);
  return value as unknown as RunReport;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, "")) as unknown;
  } catch (cause) {
    throw new ReportInvalidError({ message: `The report is not JSON: ${(cause as Error).message}`, cause });
  }
}

function checkVersion(version: unknown): void {
  if (!Number.isInteger(version) || (version as number) < 1) {
    throw fail(`expected \`schemaVersion\` to be a whole number, got ${describe(version)}`);
  }
  if ((version as number) <= NEWEST_VERSION) return;
  throw new ReportInvalidError({
    message: `The report has schemaVersion ${version as number}, this release reads up to ${NEWEST_VERSION}`,
    hint: "Update inference-testkit to the release that wrote the report, or a newer one.",
  });
}

/** What every writer relies on: a file that somebody has cut or edited fails here, and not in the middle of a page. */
function checkShape(report: Fields): void {
  for (const name of ["title", "createdAt"]) {
    if (typeof report[name] !== "string") throw fail(`\`${name}\` is no text`);
  }
  if (!isObject(report["completeness"])) throw fail("`completeness` is missing");
  checkList(report, "verdicts");
  checkVerdicts(report);
  const load = checkPart(report, "load");
  if (load !== undefined) checkLoad(load);
  const memory = checkPart(report, "memory");
  if (memory !== undefined) for (const name of ["samples", "phases", "sources"]) checkList(memory, name, "memory.");
  const comparison = checkPart(report, "comparison");
  if (comparison !== undefined && !(isObject(comparison["outcome"]) && isObject(comparison["baseline"]))) {
    throw fail("`comparison` is incomplete");
  }
}

function checkVerdicts({ verdict, verdicts }: Fields): void {
  const list = verdicts as readonly ReportVerdict[];
  const wrong = list.findIndex((one) => !isVerdict(one));
  if (wrong !== -1) throw fail(`\`verdicts[${wrong}]\` is no verdict`);
  const worst = findWorst(list);
  if (verdict !== worst) throw fail(`\`verdict\` is ${describe(verdict)}, but the worst of \`verdicts\` is "${worst}"`);
}

/** The figures beside each other, as they are read by name. */
function checkLoad(load: Fields): void {
  if (load["kind"] !== "load-result" || load["schemaVersion"] !== 1) throw fail("`load` is no result of this version");
  checkList(load, "records", "load.");
  checkList(load, "clients", "load.");
  for (const name of LOAD_PARTS) if (!isObject(load[name])) throw fail(`\`load.${name}\` is missing`);
  const { counts, gapHistogram, validity } = load as Record<string, Fields>;
  if (!isObject(counts?.["byStatus"])) throw fail("`load.counts.byStatus` is missing");
  if (typeof gapHistogram?.["data"] !== "string") throw fail("`load.gapHistogram.data` is no text");
  if (!Array.isArray(validity?.["reasons"])) throw fail("`load.validity.reasons` is no list");
  for (const name of Object.keys(METRIC_DEFINITIONS)) checkField(load, `definitions.${name}.definition`, "string");
  for (const name of LATENCIES) checkField(load, `latency.${name}.percentiles`, "object");
  for (const name of FIGURES) checkField(load, `figures.${name}.value`, "number");
}

function checkField(load: Fields, path: string, type: "string" | "number" | "object"): void {
  let value: unknown = load;
  for (const name of path.split(".")) value = isObject(value) ? value[name] : undefined;
  if (typeof value !== type || value === null) throw fail(`\`load.${path}\` is no ${type}`);
}

function checkPart(report: Fields, name: string): Fields | undefined {
  const part = report[name];
  if (part === undefined || isObject(part)) return part;
  throw fail(`\`${name}\` is no object`);
}

function checkList(owner: Fields, name: string, prefix = ""): void {
  const list = owner[name];
  if (!Array.isArray(list) || !list.every(isObject)) throw fail(`\`${prefix}${name}\` is no list`);
}

function fail(reason: string): ReportInvalidError {
  return new ReportInvalidError({ message: `This is no report: ${reason}` });
}

function describe(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
