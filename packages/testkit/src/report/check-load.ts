import { PERCENTILE_KEYS } from "../load/metrics/distribution.js";
import { checkField, checkList, fail, isObject, type Fields } from "./check-fields.js";

const LOAD_PARTS = [
  "latency",
  "figures",
  "counts",
  "window",
  "plan",
  "machine",
  "definitions",
  "validity",
  "itlHistogram",
] as const;

/**
 * Checks what the writers read of a load result. Metrics that the file lacks, or that this release does not know, are not errors: another release
 * wrote it. What is recorded must be complete, with its definition.
 */
export function checkLoad(load: Fields): void {
  if (load["kind"] !== "load-result" || load["schemaVersion"] !== 1) {
    throw fail("`load` is not a load result with schemaVersion 1");
  }
  checkList(load, "records", "load.");
  checkList(load, "clients", "load.");
  for (const name of LOAD_PARTS) if (!isObject(load[name])) throw fail(`\`load.${name}\` is missing`);
  checkField(load, "load.counts.byStatus", "object");
  checkField(load, "load.itlHistogram.data", "string");
  checkField(load, "load.plan.slo", "object");
  checkField(load, "load.validity.status", "string");
  const { validity } = load as Record<string, Fields>;
  if (!Array.isArray(validity?.["reasons"])) throw fail("`load.validity.reasons` is not a list");
  checkMetrics(load, "load.", true);
}

/** Checks the metrics that a run, or the baseline of a comparison, has. */
export function checkMetrics(run: Fields, prefix: string, hasDefinitions: boolean): void {
  const { latency, figures } = run as Record<string, Fields>;
  for (const name of Object.keys(latency ?? {})) checkPercentiles(run, `${prefix}latency.${name}.percentiles`);
  for (const name of Object.keys(figures ?? {})) {
    checkField(run, `${prefix}figures.${name}.value`, "number");
    checkField(run, `${prefix}figures.${name}.unit`, "string");
  }
  if (!hasDefinitions) return;
  for (const name of [...Object.keys(latency ?? {}), ...Object.keys(figures ?? {})]) {
    for (const field of ["title", "unit", "definition"])
      checkField(run, `${prefix}definitions.${name}.${field}`, "string");
  }
}

/** A percentile is a number, or says how many samples it needs. */
function checkPercentiles(run: Fields, path: string): void {
  const percentiles = checkField(run, path, "object") as Fields;
  for (const key of PERCENTILE_KEYS) {
    if (typeof percentiles[key] !== "number") checkField(run, `${path}.${key}.need`, "number");
  }
}
