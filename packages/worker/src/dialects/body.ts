import type { WorkerError } from "inference-worker-protocol";
import { preview } from "inference-worker-protocol/validation";
import * as v from "valibot";
import type { JsonObject } from "./dialect.js";
import { invalidField } from "./failures.js";

/** Fields whose content may be confidential: it is never repeated in an answer. */
const NEVER_ECHOED = new Set([
  "prompt",
  "messages",
  "input",
  "system",
  "instructions",
  "stop",
  "stop_sequences",
  "content",
]);
/** A message of a schema that continues the name of the field; others are a whole sentence. */
const CONTINUES_NAME = /^(is|must|needs) /;

/**
 * Checks a body. Fields that the schema does not have are ignored.
 *
 * @throws {WorkerError} INVALID_REQUEST for the first field that is wrong.
 */
export function parseBody<Schema extends v.GenericSchema>(schema: Schema, body: JsonObject): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw describe(result.issues[0]);
}

interface FoundIssue {
  readonly issue: v.BaseIssue<unknown>;
  readonly path: readonly PropertyKey[];
}

function describe(root: v.BaseIssue<unknown>): WorkerError {
  const { issue, path } = deepest({ issue: root, path: keysOf(root) });
  const [first = "body", ...rest] = path;
  const param = [String(first), ...rest.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))].join(
    "",
  );
  if (CONTINUES_NAME.test(issue.message)) return invalidField(param, issue.message);
  if (issue.input === undefined) return invalidField(param, "is required");
  const isEchoed = !NEVER_ECHOED.has(String(first)) && (typeof issue.input !== "object" || issue.input === null);
  const got = isEchoed ? `, got ${preview(issue.input)}` : "";
  return invalidField(param, `must be ${describeExpected(issue.expected ?? issue.message)}${got}`);
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  boolean: "a boolean",
  Array: "an array",
  Object: "an object",
  unknown: "an object", // of a check that is a function
};

/** `(string | Array)` for people: `a string or an array`. */
function describeExpected(expected: string): string {
  const options = expected
    .replace(/[()]/g, "")
    .split(" | ")
    .filter((option) => option !== "null" && option !== '""');
  return options.map((option) => KINDS[option] ?? option.replaceAll('"', "`")).join(" or ");
}

/** Of the options of a union, the one that fitted longest says best what is wrong. */
function deepest(found: FoundIssue): FoundIssue {
  let best = found;
  for (const issue of found.issue.issues ?? []) {
    const inner = deepest({ issue, path: [...found.path, ...keysOf(issue)] });
    if (inner.path.length > best.path.length) best = inner;
  }
  return best;
}

function keysOf(issue: v.BaseIssue<unknown>): PropertyKey[] {
  return (issue.path ?? []).map(({ key }) => key as PropertyKey);
}
