import { embedJson } from "../../../report/html/compose-page.js";
import type { CheckResult, CheckStatus, StoredExchange, StoredPiece } from "../conformance-report.js";

/** What the evidence of all checks may take in the file. */
const MOST_BYTES = 8 * 1024 * 1024;
/** What that of one check may take. */
const MOST_CHECK_BYTES = 256 * 1024;
const LONGEST_TEXT = 4096;
/** The evidence of a failure is kept before that of a pass. */
const ORDER: readonly CheckStatus[] = ["fail", "error", "inconclusive", "pass", "not-applicable"];

/** An exchange on the page. */
export interface PageExchange extends StoredExchange {
  /** Bytes of the answer that conformance.json has, and the page does not. */
  readonly cutBytes: number;
}

/** A check on the page. */
export interface PageCheck extends Omit<CheckResult, "exchanges"> {
  readonly exchanges: readonly PageExchange[];
  /** Exchanges that conformance.json has, and the page does not. */
  readonly cutExchanges: number;
}

/** The checks with as much evidence as fits in a page, in the same order. Whatever is left out is counted. */
export function cutEvidence(checks: readonly CheckResult[]): PageCheck[] {
  const cut = new Map<CheckResult, PageCheck>();
  let left = MOST_BYTES;
  for (const status of ORDER) {
    for (const check of checks.filter((each) => each.status === status)) {
      const { page, sizeBytes } = cutCheck(check, Math.min(left, MOST_CHECK_BYTES));
      cut.set(check, page);
      left -= sizeBytes;
    }
  }
  return checks.flatMap((check) => cut.get(check) ?? []);
}

/** The last exchanges are kept first: what a check ends with is what it judges. */
function cutCheck(check: CheckResult, roomBytes: number): { readonly page: PageCheck; readonly sizeBytes: number } {
  const exchanges: PageExchange[] = [];
  let sizeBytes = 0;
  for (const exchange of check.exchanges.toReversed()) {
    const cut = cutExchange(exchange, roomBytes - sizeBytes);
    if (cut === undefined) continue;
    exchanges.unshift(cut);
    sizeBytes += sizeOf(cut);
  }
  const cutExchanges = check.exchanges.length - exchanges.length;
  return { page: { ...clipTexts(check), exchanges, cutExchanges }, sizeBytes };
}

/** @returns `undefined` if not even its request fits. */
function cutExchange(exchange: StoredExchange, roomBytes: number): PageExchange | undefined {
  const pieces: StoredPiece[] = [];
  let left = roomBytes - sizeOf({ ...exchange, pieces, cutBytes: Number.MAX_SAFE_INTEGER });
  if (left < 0) return undefined;
  let cutBytes = 0;
  for (const piece of exchange.pieces) {
    left -= sizeOf(piece);
    if (left >= 0) pieces.push(piece);
    else cutBytes += Buffer.byteLength(piece.text);
  }
  return { ...exchange, pieces, cutBytes };
}

function clipTexts(check: CheckResult): CheckResult {
  const { message, expected, got, curl, deviation } = check;
  return {
    ...check,
    message: expected === null ? clip(message) : "", // the same as expected and got
    expected: expected === null ? null : clip(expected),
    got: got === null ? null : clip(got),
    curl: curl === null || curl.length > 4 * LONGEST_TEXT ? null : curl, // a part of a command is of no use
    deviation: deviation && { ...deviation, reason: clip(deviation.reason) },
  };
}

function clip(text: string): string {
  const omitted = text.length - LONGEST_TEXT;
  return omitted > 0 ? `${text.slice(0, LONGEST_TEXT)}… (${omitted} more characters in conformance.json)` : text;
}

/** In the file, with the comma after it. */
function sizeOf(value: unknown): number {
  return Buffer.byteLength(embedJson(value)) + 1;
}
