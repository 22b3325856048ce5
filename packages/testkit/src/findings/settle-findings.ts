import type { Explain } from "./explainers.js";
import type { Finding, SeenFinding } from "./finding.js";
import { FINDINGS, type FindingCode } from "./registry.js";

/** What decides whether a finding fails the test. */
export interface FindingRules {
  readonly allow: readonly FindingCode[];
  readonly explain: Explain;
}

/** Decides what follows from each finding. Nothing is dropped. */
export function settleFindings(seen: readonly SeenFinding[], { allow, explain }: FindingRules): readonly Finding[] {
  return seen.map((finding): Finding => {
    if (FINDINGS[finding.code].level === "note") return { ...finding, status: "note" };
    const explainedBy = explain(finding) ?? finding.explainedBy;
    if (explainedBy !== undefined) return { ...finding, explainedBy, status: "explained" };
    return { ...finding, status: allow.includes(finding.code) ? "allowed" : "fails" };
  });
}
