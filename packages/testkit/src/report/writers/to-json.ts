import { toVisibleJson } from "../../terminal/index.js";
import type { RunReport } from "../run-report.js";

/**
 * The whole report as written to `run.json`. Only the first level and each record or sample start a new line, so that white space does not
 * double the size and diffs stay readable. Characters that a terminal interprets are escaped; the values are unchanged.
 */
export function toJson(report: RunReport): string {
  const entries = Object.entries(report).filter(([, value]) => value !== undefined);
  const parts = entries.map(([name, value]) => `  ${JSON.stringify(name)}: ${writePart(value)}`);
  return toVisibleJson(`{\n${parts.join(",\n")}\n}\n`);
}

function writePart(value: unknown): string {
  if (Array.isArray(value)) return writeList(value, "  ");
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  const lines = entries.map(([name, part]) => {
    return `    ${JSON.stringify(name)}: ${Array.isArray(part) ? writeList(part, "    ") : JSON.stringify(part)}`;
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n  }`;
}

function writeList(list: readonly unknown[], indent: string): string {
  if (list.length === 0) return "[]";
  return `[\n${list.map((item) => `${indent}  ${JSON.stringify(item)}`).join(",\n")}\n${indent}]`;
}
