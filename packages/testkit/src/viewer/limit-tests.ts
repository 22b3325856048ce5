import type { PageError, PageTest } from "./page-data.js";

/** More would make the page slow. */
const MOST_TESTS = 10_000;
const LONGEST_TEXT = 16 * 1024;

/** As many tests as a page takes, those that failed before all others, with texts of bounded length. */
export function limitTests(tests: readonly PageTest[]): {
  readonly tests: readonly PageTest[];
  readonly omittedTestCount: number;
} {
  const failed = tests.filter(({ status }) => status === "failed");
  const others = tests.filter(({ status }) => status !== "failed");
  const kept = [...failed, ...others].slice(0, MOST_TESTS);
  return { tests: kept.map(limitTexts), omittedTestCount: tests.length - kept.length };
}

/** An error with texts of bounded length. */
export function limitError({ message, stack }: PageError): PageError {
  return { message: clip(message), stack: stack === null ? null : clip(stack) };
}

function limitTexts(test: PageTest): PageTest {
  return { ...test, name: clip(test.name), errors: test.errors.map(limitError), note: test.note && clip(test.note) };
}

function clip(text: string): string {
  const omitted = text.length - LONGEST_TEXT;
  return omitted > 0 ? `${text.slice(0, LONGEST_TEXT)}… (${omitted} more characters)` : text;
}
