import type { SeenFinding } from "./finding.js";

/** What the test did that explains a finding, in a few words; undefined if it did nothing of the kind. */
export type Explain = (finding: SeenFinding) => string | undefined;

/** By origin: workers with faults, and proxies in front of them, of this process. */
const explainers = new Map<string, Explain>();

/**
 * Lets every harness that reaches this address, also an attached one, know what the test does to its answers there. Call the result when
 * nothing is listening any more.
 */
export function announceExplainer(url: string, explain: Explain): () => void {
  const { origin } = new URL(url);
  explainers.set(origin, explain);
  return () => {
    if (explainers.get(origin) === explain) explainers.delete(origin);
  };
}

/** What was announced for an address. */
export function findExplainer(url: string): Explain | undefined {
  return explainers.get(new URL(url).origin);
}
