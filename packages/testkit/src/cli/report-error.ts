import { inspect } from "node:util";
import { isTestkitError, toVisibleError, type TestkitError, type TestkitErrorCode } from "../errors/index.js";
import type { CommonFlags } from "./common-flags.js";
import { EXIT_CODES } from "./exit-codes.js";
import { createOutput, printJson } from "../terminal/index.js";

/** What was given to the command is wrong, so nothing was decided. */
const WRONG_INPUT: readonly TestkitErrorCode[] = ["INVALID_OPTION", "REPORT_INVALID"];

/**
 * Prints an error on stderr, with `--json` also as a document on stdout, and returns the exit code. Errors of the catalogue
 * are printed as their self-contained message, with the stack only for `--debug`. Any other error is a defect of the
 * program and keeps its stack.
 */
export function reportError(error: unknown, { json = false, debug = false }: CommonFlags): number {
  const withStack = debug || process.env["INFERENCE_TESTKIT_LOG"] === "debug";
  const known = findTestkitErrors(error);
  const text = known.map(({ message }) => message).join("\n");
  const printed = withStack || known.length === 0 ? inspect(toVisibleError(error)) : text;
  // The line breaks are those of the messages and the stacks.
  const output = createOutput(process.stderr);
  for (const line of `inference-testkit: ${printed}`.split("\n")) output.line(line);
  if (json) printJson({ ok: false, error: toDocument(error, known[0]) });
  return known[0] !== undefined && WRONG_INPUT.includes(known[0].code) ? EXIT_CODES.usage : EXIT_CODES.failed;
}

/** Several failures are joined in an AggregateError, or in a SuppressedError by `await using`; the first one leads. */
function findTestkitErrors(error: unknown): TestkitError[] {
  return [...new Set(split(error))].filter((one) => isTestkitError(one));
}

function split(error: unknown): unknown[] {
  if (error instanceof AggregateError) return error.errors;
  const { name, suppressed, error: later } = (error ?? {}) as Readonly<Record<string, unknown>>;
  return name === "SuppressedError" ? [...split(suppressed), ...split(later)] : [error];
}

function toDocument(error: unknown, known: TestkitError | undefined): object {
  if (known === undefined) return { code: "UNEXPECTED", message: String(error) };
  return { code: known.code, message: known.message, hint: known.hint, details: known.details };
}
