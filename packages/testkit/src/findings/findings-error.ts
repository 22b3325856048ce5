import { AssertionFailedError } from "../errors/index.js";
import type { Finding } from "./finding.js";

const MOST_SHOWN = 10;

/** The error for all findings that fail the test; undefined if there are none. */
export function createFindingsError(findings: readonly Finding[], worker: string): AssertionFailedError | undefined {
  const failing = findings.filter(({ status }) => status === "fails");
  if (failing.length === 0) return undefined;
  const codes = [...new Set(failing.map(({ code }) => code))];
  const lines = failing.slice(0, MOST_SHOWN).map(describeFinding);
  if (failing.length > MOST_SHOWN) lines.push(`and ${failing.length - MOST_SHOWN} more`);
  const count = failing.length === 1 ? "1 finding" : `${failing.length} findings`;
  return new AssertionFailedError("FINDINGS_NOT_ALLOWED", {
    message: [`${count} about ${worker}`, ...lines.map((line) => `  ${line}`)],
    hint: `Correct the worker, or allow what the test provokes: \`allow: ${JSON.stringify(codes)}\`. See docs/findings.md.`,
    details: { codes },
  });
}

function describeFinding({ code, jobId, message }: Finding): string {
  const job = jobId === undefined ? "" : ` (job ${JSON.stringify(jobId)})`;
  return `${code}${job}: ${message}`;
}
