import type { CheckStatus, ConformanceReport } from "./conformance-report.js";

/** The mark of a verdict in a text. */
export const MARKS: Readonly<Record<CheckStatus, string>> = {
  pass: "✓",
  fail: "✗",
  "not-applicable": "–",
  inconclusive: "?",
  error: "!",
};

/** How a report says how much ran: "14 of 16 checks ran: 13 passed, 1 failed, 2 not applicable". */
export function describeCoverage({ selected, ran, byStatus }: ConformanceReport["coverage"]): string {
  const parts = [
    `${byStatus.pass} passed`,
    `${byStatus.fail} failed`,
    ...(byStatus["not-applicable"] > 0 ? [`${byStatus["not-applicable"]} not applicable`] : []),
    ...(byStatus.inconclusive > 0 ? [`${byStatus.inconclusive} inconclusive`] : []),
    ...(byStatus.error > 0 ? [`${byStatus.error} errors of the suite`] : []),
  ];
  return `${ran} of ${selected} checks ran: ${parts.join(", ")}`;
}
