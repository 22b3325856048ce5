import type { SeenFinding } from "./finding.js";
import type { FindingCode } from "./registry.js";

/** A load run may meet the same finding in every one of its jobs. */
const MOST_PER_CODE = 20;

/** What was seen of one worker, oldest first. Keeps the first 20 findings of a code and counts the others. */
export class FindingLog {
  readonly #kept: SeenFinding[] = [];
  readonly #counts = new Map<FindingCode, number>();

  add(...findings: readonly SeenFinding[]): void {
    for (const finding of findings) {
      const count = (this.#counts.get(finding.code) ?? 0) + 1;
      this.#counts.set(finding.code, count);
      if (count <= MOST_PER_CODE) this.#kept.push(finding);
    }
  }

  /** Those that were kept; the last one of a code says how many more there were. */
  list(): readonly SeenFinding[] {
    const surplus = [...this.#counts].filter(([, count]) => count > MOST_PER_CODE);
    const rest = surplus.map(([code, count]): SeenFinding => {
      return { code, message: `and ${count - MOST_PER_CODE} more` };
    });
    return [...this.#kept, ...rest];
  }
}
