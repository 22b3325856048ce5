import { joinVisibleLines, toVisibleText } from "../terminal/index.js";
import { TESTKIT_ERRORS, type TestkitErrorCode } from "./codes.js";
import { BRAND, toVisibleError } from "./visible-error.js";

/** The parts of an error; see {@link TestkitError} for how it is printed. */
export interface TestkitErrorOptions {
  /** What failed and why, without the hint: one line, or a list of lines. A line break inside a line is shown as `\n`. */
  readonly message: string | readonly string[];
  /** The hint, if a more precise one is known than the catalogue's. */
  readonly hint?: string | undefined;
  /** Facts: command, pid, exit code, URL, waited ms … JSON-serializable. Printed one per line and kept in {@link TestkitError.details}. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** Last log lines of the worker, printed at the end of the message. */
  readonly logTail?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/**
 * The one base class of everything the framework throws on purpose. The message is self-contained, because test reporters hide properties:
 * what failed, the hint, the facts, the worker's last log lines. Match on {@link code}, never on the text. Message, hint, stack and cause
 * are safe to print: control characters in foreign text are shown as escape sequences.
 *
 * @example if (isTestkitError(error, "READY_TIMEOUT")) console.log(error.details["waitedMs"]);
 */
export class TestkitError extends Error {
  readonly code: TestkitErrorCode;
  readonly hint: string;
  /** The facts for programs, with unmodified text. Not enumerable, because reporters print enumerable properties, some of them raw. */
  declare readonly details: Readonly<Record<string, unknown>>;
  /** The worker's last log lines, as shown in the message; `worker.logs` has them unmodified. */
  declare readonly logTail: readonly string[];
  /** @internal The lines of the message before the hint, without the code: to make the same error in another process. */
  declare readonly lines: readonly string[];

  constructor(code: TestkitErrorCode, options: TestkitErrorOptions) {
    const hint = toVisibleText(options.hint ?? TESTKIT_ERRORS[code].hint);
    super(
      formatMessage(code, hint, options),
      options.cause === undefined ? {} : { cause: toVisibleError(options.cause) },
    );
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
    Object.defineProperties(this, {
      details: { value: options.details ?? {} },
      logTail: { value: (options.logTail ?? []).map((line) => toVisibleText(line)) },
      lines: { value: toLines(options.message) },
      [BRAND]: { value: true },
    });
  }
}

/**
 * Whether a value is a testkit error, possibly from another copy of the package, and optionally with a given code.
 *
 * @example isTestkitError(error, "PROCESS_DIED")
 */
export function isTestkitError(error: unknown, code?: TestkitErrorCode): error is TestkitError {
  if (typeof error !== "object" || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as { code?: unknown }).code === code;
}

/**
 * The message of an error as lines of another one's message. Only the line breaks of a testkit error are trusted; any other message becomes
 * one line.
 *
 * @example new TestkitError(code, { message: withReason("`recover` failed", error), cause: error })
 */
export function withReason(what: string, error: unknown): readonly string[] {
  const message = error instanceof Error ? error.message : String(error);
  const [first = "", ...others] = isTestkitError(error) ? message.split("\n") : [message];
  return [`${what}: ${first}`, ...others];
}

/** Codes of real workers have about twenty characters. */
const LONGEST_CODE = 100;

/**
 * The error code that a worker sent, truncated for a message: a worker may send anything, and a code of a megabyte must not fill the
 * screen.
 */
export function shortenCode(code: string): string {
  return code.length > LONGEST_CODE ? `${code.slice(0, LONGEST_CODE)}…` : code;
}

function formatMessage(code: TestkitErrorCode, hint: string, options: TestkitErrorOptions): string {
  const [first = "", ...others] = toLines(options.message);
  const facts = Object.entries(options.details ?? {}).filter(([, value]) => value !== undefined);
  const lines = [`[${code}] ${first}`, ...others, `hint: ${hint}`];
  for (const [name, value] of facts) lines.push(`  ${name}: ${formatFact(value)}`);
  const tail = options.logTail ?? [];
  if (tail.length > 0) lines.push(`last ${tail.length} log ${tail.length === 1 ? "line" : "lines"} of the worker:`);
  for (const line of tail) lines.push(`  | ${line}`);
  return joinVisibleLines(lines);
}

function toLines(message: TestkitErrorOptions["message"]): readonly string[] {
  return typeof message === "string" ? [message] : message;
}

function formatFact(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
