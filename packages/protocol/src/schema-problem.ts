import * as v from "valibot";
import { preview } from "./preview.js";
import { suggest } from "./suggest.js";

type Issues = readonly v.BaseIssue<unknown>[];

/**
 * The allowed names of an object, for an issue about an unknown one; `undefined` for every other issue.
 *
 * @param schema the root schema in which the issue was found.
 */
function namesAt(schema: v.GenericSchema, issue: v.BaseIssue<unknown>): string[] | undefined {
  if (issue.expected !== "never" || issue.path === undefined) return undefined;
  let found: unknown = schema;
  for (const { key } of issue.path.slice(0, -1))
    found = typeof key === "number" ? itemOf(found) : entriesOf(found)?.[String(key)];
  const entries = entriesOf(found);
  return entries === undefined ? undefined : Object.keys(entries);
}

function entriesOf(schema: unknown): Record<string, unknown> | undefined {
  return unwrap(schema)?.entries;
}

/** What the items of a list must be. */
function itemOf(schema: unknown): unknown {
  return unwrap(schema)?.item;
}

function unwrap(schema: unknown) {
  let inner = schema as { wrapped?: unknown; entries?: Record<string, unknown>; item?: unknown } | undefined;
  while (inner?.wrapped !== undefined) inner = inner.wrapped as typeof inner;
  return inner;
}

/** The message for an unknown name: the known names and the one that was probably meant. `undefined` for every other issue. */
export function describeUnknownName(schema: v.GenericSchema, issue: v.BaseIssue<unknown>): string | undefined {
  const known = namesAt(schema, issue);
  if (known === undefined) return undefined;
  return `expected one of ${known.join(", ")}${suggest(String(issue.path?.at(-1)?.key), known)}`;
}

/**
 * Checks an answer of another program.
 *
 * @throws {TypeError} naming every missing or invalid field, because the author of that program wants to see all of them at once.
 */
export function parseAnswer<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new TypeError(describeIssues(result.issues));
}

function describeIssues(issues: Issues): string {
  const missing = issues.filter(isMissing).map((issue) => `\`${v.getDotPath(issue) ?? ""}\``);
  const wrong = issues.filter((issue) => !isMissing(issue)).map(describeWrong);
  return [...(missing.length === 0 ? [] : [`${missing.join(", ")} missing`]), ...wrong].join("; ");
}

function isMissing(issue: v.BaseIssue<unknown>): boolean {
  return issue.path !== undefined && issue.input === undefined;
}

function describeWrong(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const field = path === null ? "the answer" : `\`${path}\``;
  return `expected ${field} to be ${issue.expected ?? "something else"}, got ${preview(issue.input)}`;
}
