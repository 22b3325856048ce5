import { isDeepStrictEqual } from "node:util";
import { stringifyJson } from "inference-worker-protocol";

const LONGEST_SHOWN = 400;

/** The server does not do what a check expects. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
  readonly expected: string;
  readonly got: string;

  constructor({ expected, got }: { readonly expected: string; readonly got: string }) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** A check could not decide. */
export class CheckInconclusive extends Error {
  override readonly name = "CheckInconclusive";
}

/** A check has found out that it does not apply to the server. */
export class CheckNotApplicable extends Error {
  override readonly name = "CheckNotApplicable";
}

/** Fails the check. @example fail({ expected: "a refusal", got: "status 200" }) */
export function fail(verdict: { readonly expected: string; readonly got: string }): never {
  throw new CheckFailed(verdict);
}

/**
 * Ends the check without a verdict; it is repeated with another prompt as long as its budget allows.
 *
 * @param missing what was needed to decide, and was not there: "16 tokens: the model ended after 3".
 */
export function inconclusive(missing: string): never {
  throw new CheckInconclusive(missing);
}

/**
 * Ends the check because it does not apply to this server, which only its answers could show.
 *
 * @param reason what the server has not got: "its metrics have no histogram".
 */
export function notApplicable(reason: string): never {
  throw new CheckNotApplicable(reason);
}

/** Comparisons of one value. Each of them fails the check unless it holds. */
export interface Expectation<T> {
  toBe(expected: T): void;
  toBeOneOf(expected: readonly T[]): void;
  toBeAtLeast(least: number): void;
  toBeAtMost(most: number): void;
  toMatch(pattern: RegExp): void;
  /** @param wanted continues "expected `what` to be". */
  toSatisfy(wanted: string, test: (value: T) => boolean): void;
}

/**
 * Begins a comparison.
 *
 * @param what names the value in the verdict: "the number of tokens".
 * @example expect("finish reason", answer.stopReason).toBe("max_tokens");
 */
export function expect<T>(what: string, value: T): Expectation<T> {
  const holds = (condition: boolean, wanted: string): void => {
    if (!condition) fail({ expected: `${what} to be ${wanted}`, got: show(value) });
  };
  return {
    toBe: (expected) => holds(isDeepStrictEqual(value, expected), show(expected)),
    toBeOneOf: (expected) =>
      holds(
        expected.some((each) => isDeepStrictEqual(value, each)),
        expected.map(show).join(" or "),
      ),
    toBeAtLeast: (least) => holds(Number(value) >= least, `at least ${least}`),
    toBeAtMost: (most) => holds(Number(value) <= most, `at most ${most}`),
    toMatch: (pattern) => holds(pattern.test(String(value)), `like ${String(pattern)}`),
    toSatisfy: (wanted, test) => holds(test(value), wanted),
  };
}

/**
 * Runs the same comparison for several cases, and fails with all those in which it does not hold, not with the first one.
 *
 * @param name a case in the verdict.
 * @example await forEach(WRONG, ([name]) => name, async ([, fields]) => { … });
 */
export async function forEach<T>(
  cases: readonly T[],
  name: (each: T) => string,
  run: (each: T) => Promise<void>,
): Promise<void> {
  const failures: { readonly name: string; readonly failure: CheckFailed }[] = [];
  for (const each of cases) {
    try {
      await run(each);
    } catch (failure) {
      if (!(failure instanceof CheckFailed)) throw failure;
      failures.push({ name: name(each), failure });
    }
  }
  const [first, ...others] = failures;
  if (first === undefined) return;
  if (others.length === 0) fail({ expected: `${first.name}: ${first.failure.expected}`, got: first.failure.got });
  fail({
    expected: failures.map(({ name, failure }) => `${name}: ${failure.expected}`).join("; "),
    got: failures.map(({ name, failure }) => `${name}: ${failure.got}`).join("; "),
  });
}

/** A value in a verdict; long texts are cut. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? JSON.stringify(value) : toText(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}… (${text.length} characters)` : text;
}

function toText(value: unknown): string {
  try {
    return stringifyJson(value);
  } catch {
    return String(value);
  }
}
