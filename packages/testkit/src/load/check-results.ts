import { checkOption } from "../options/index.js";
import type { StoredLoadResult } from "./result.js";

/** @throws {INVALID_OPTION} not results of `runLoad()`, or none at all. */
export function checkResults(name: string, results: unknown): asserts results is readonly StoredLoadResult[] {
  const holds = Array.isArray(results) && results.length > 0 && results.every((one) => isResult(one));
  const value = Array.isArray(results) && results.length === 1 ? (results[0] as unknown) : results;
  checkOption(holds, name, { wanted: "one or more results of runLoad() with schemaVersion 1", value });
}

function isResult(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { kind, schemaVersion } = value as Partial<Record<keyof StoredLoadResult, unknown>>;
  return kind === "load-result" && schemaVersion === 1;
}
