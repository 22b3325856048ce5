import { TESTKIT_ERRORS, type TestkitErrorCode } from "../errors/index.js";

/** What a matcher returns to `expect`; the shape is the same in Vitest and Jest. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Passes without a problem; `opposite` is what `.not` expects. */
export function createResult(
  problem: { readonly code: TestkitErrorCode; readonly message: string } | undefined,
  opposite: string,
): MatcherResult {
  if (problem === undefined) return { pass: true, message: () => `Expected ${opposite}, but it is not one` };
  const { code, message } = problem;
  return { pass: false, message: () => `[${code}] ${message}\nhint: ${TESTKIT_ERRORS[code].hint}` };
}
