import { expect, test } from "vitest";
import { ProxyJournal } from "../../src/fault-proxy/proxy-journal.js";

test("the journal keeps the last entries and counts the dropped ones", () => {
  const journal = new ProxyJournal();
  for (let connection = 1; connection <= 100_000; connection++) journal.note({ kind: "connected", connection });

  expect(journal.entries.length).toBeGreaterThanOrEqual(20_000);
  expect(journal.entries.length).toBeLessThan(40_000);
  expect(journal.entries.length + journal.droppedCount).toBe(100_000);
  expect(journal.entries.at(-1)?.connection).toBe(100_000);
});
