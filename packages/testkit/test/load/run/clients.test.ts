import fc from "fast-check";
import { expect, test } from "vitest";
import { splitSchedule } from "../../../src/load/run/clients.js";
import { planLoad } from "../../../src/load/schedule/plan-load.js";

test("law: the parts of an open schedule add up to the whole, each arrival once and at its time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200 }), (clientCount, count) => {
      const schedule = planLoad({ kind: "poisson", ratePerSec: 100 }, { count, durationMs: Infinity }, 3n);
      const parts = splitSchedule(schedule, clientCount);
      const all = parts.flatMap((part) => (part.kind === "open" ? part.arrivals : []));
      const sorted = [...all].sort((a, b) => a.index - b.index).map(({ atMs, stage }) => ({ atMs, stage }));
      expect({ kind: "open", arrivals: sorted }).toEqual(schedule);
      expect(parts).toHaveLength(clientCount);
    }),
  );
});

test("law: the parts of a closed loop have all lanes and take every request once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 20 }), (clientCount, clients) => {
      const parts = splitSchedule({ kind: "closed", clients, count: 57, durationMs: Infinity }, clientCount);
      const taken = parts.flatMap((part) => {
        if (part.kind === "open") return [];
        expect(part.clients).toBeGreaterThan(0);
        const indices: number[] = [];
        for (let index = part.first; index < part.count; index += part.step) indices.push(index);
        return indices;
      });
      expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: 57 }, (_, index) => index));
      expect(parts.reduce((sum, part) => sum + (part.kind === "closed" ? part.clients : 0), 0)).toBe(clients);
    }),
  );
});
