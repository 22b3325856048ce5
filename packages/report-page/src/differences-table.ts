import { table } from "./table.js";
import type { RunDifference } from "./testkit.js";

const COLUMNS = [
  { title: "Differs", isPhrase: true },
  { title: "Baseline", isPhrase: true },
  { title: "This run", isPhrase: true },
];

/** What makes two sides not comparable, side by side. */
export function differencesTable(differences: readonly RunDifference[]): HTMLElement {
  const rows = differences.map(({ label, baseline, current }) => [label, baseline, current]);
  return table("What makes the sides not comparable", COLUMNS, { rows });
}
