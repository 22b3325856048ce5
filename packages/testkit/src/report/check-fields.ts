import { ReportInvalidError } from "../errors/index.js";

/** An object of a file whose fields are not known to be right yet. */
export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns the value. @param path with the name of `owner` first: "load.counts.byStatus". @throws {REPORT_INVALID} */
export function checkField(owner: Fields, path: string, type: "string" | "number" | "object"): unknown {
  const [, ...names] = path.split(".");
  let value: unknown = owner;
  for (const name of names) value = isObject(value) ? value[name] : undefined;
  const article = type === "object" ? "an" : "a";
  if (typeof value !== type || value === null) throw fail(`\`${path}\` is not ${article} ${type}`);
  return value;
}

/** @throws {REPORT_INVALID} not a list of objects. */
export function checkList(owner: Fields, name: string, prefix = ""): void {
  const list = owner[name];
  if (!Array.isArray(list) || !list.every(isObject)) throw fail(`\`${prefix}${name}\` is not a list of objects`);
}

/** The error for a file that is not a report. */
export function fail(reason: string): ReportInvalidError {
  return new ReportInvalidError({ message: `The file is not a report: ${reason}` });
}

/** A value in a message. */
export function describe(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
}
