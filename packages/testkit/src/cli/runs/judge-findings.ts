import type { Finding, FindingCode } from "../../findings/index.js";
import type { ReportVerdict } from "../../report/run-report.js";

/** How a verdict about findings is listed. */
const GROUP = "findings";

/** A failed verdict for each code that was seen, is not explained, and is not allowed. */
export function judgeFindings(findings: readonly Finding[], allow: readonly FindingCode[]): readonly ReportVerdict[] {
  const failing = findings.filter(({ code, status }) => status === "allowed" && !allow.includes(code));
  const codes = [...new Set(failing.map(({ code }) => code))];
  return codes.map((code) => {
    const message = `${describe(failing.filter((finding) => finding.code === code))} (--allow ${code} accepts it)`;
    return { group: GROUP, name: code, status: "fail", message, expected: "no such finding", actual: null };
  });
}

/** The first one, and the number of the others. */
function describe([first, ...others]: readonly Finding[]): string {
  const job = first?.jobId === undefined ? "" : `job ${JSON.stringify(first.jobId)}: `;
  return `${job}${first?.message ?? ""}${others.length === 0 ? "" : `; and ${others.length} more`}`;
}
