import { TESTKIT_ERRORS, type TestkitErrorCode } from "./codes.js";

const BRAND = Symbol.for("inference-testkit.error");

/** What an error is made of; see {@link TestkitError} for how it is printed. */
export interface TestkitErrorOptions {
  /** What failed and why, one or a few lines, without the hint. */
  readonly message: string;
  /** The way out, if a better one is known than the catalogue's. */
  readonly hint?: string | undefined;
  /** Facts: command, pid, exit code, URL, waited ms … JSON-able. Printed one a line and kept in {@link TestkitError.details}. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** Last log lines of the worker, printed at the end of the message. */
  readonly logTail?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/**
 * The one base class of everything the framework throws on purpose. The message is enough alone, because test reporters
 * hide properties: what failed, the hint, the facts, the worker's last log lines. Match on {@link code}, never on the text.
 *
 * @example if (isTestkitError(error, "READY_TIMEOUT")) console.log(error.details["waitedMs"]);
 */
export class TestkitError extends Error {
  readonly code: TestkitErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly logTail: readonly string[];

  constructor(code: TestkitErrorCode, options: TestkitErrorOptions) {
    const hint = options.hint ?? TESTKIT_ERRORS[code].hint;
    super(formatMessage(code, hint, options), options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
    this.details = options.details ?? {};
    this.logTail = options.logTail ?? [];
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Tells a testkit error, also one from another copy of the package, optionally one of a given code.
 *
 * @example isTestkitError(error, "PROCESS_DIED")
 */
export function isTestkitError(error: unknown, code?: TestkitErrorCode): error is TestkitError {
  if (typeof error !== "object" || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as { code?: unknown }).code === code;
}

function formatMessage(code: TestkitErrorCode, hint: string, options: TestkitErrorOptions): string {
  const facts = Object.entries(options.details ?? {}).filter(([, value]) => value !== undefined);
  const lines = [`[${code}] ${options.message}`, `hint: ${hint}`];
  for (const [name, value] of facts) lines.push(`  ${name}: ${formatFact(value)}`);
  const tail = options.logTail ?? [];
  if (tail.length > 0) lines.push(`last ${tail.length} log ${tail.length === 1 ? "line" : "lines"} of the worker:`);
  for (const line of tail) lines.push(`  | ${line}`);
  return lines.join("\n");
}

function formatFact(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
