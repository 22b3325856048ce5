import { expect, test } from "vitest";
import { placeLabels } from "../../src/charts/place-labels.js";

const room = { left: 0, right: 200, gap: 4, measure: (text: string) => text.length * 6 };
const at = (x: number, text: string) => ({ x, text, color: text });

test("a name is centered at its position, and stays inside the plot", () => {
  expect(placeLabels([at(100, "p50"), at(2, "p1"), at(199, "p99")], room)).toEqual([
    { start: 0, text: "p1", color: "p1" },
    { start: 91, text: "p50", color: "p50" },
    { start: 182, text: "p99", color: "p99" },
  ]);
});

test("names that would overlap are joined, also if joining makes others overlap", () => {
  const placed = placeLabels([at(100, "p50"), at(128, "p90"), at(132, "p95"), at(190, "p99")], room);

  expect(placed.map(({ text }) => text)).toEqual(["p50 p90 p95", "p99"]);
  for (const [index, { start }] of placed.entries()) {
    const before = placed[index - 1];
    if (before !== undefined) expect(start).toBeGreaterThanOrEqual(before.start + room.measure(before.text) + room.gap);
  }
});
