import { expect, test } from "vitest";
import { ItlHistogram } from "../../../src/load/metrics/itl-histogram.js";
import { joinPhases, type PhaseReport } from "../../../src/load/run/join-phases.js";
import { makeRecord, makeRecords } from "../results.js";

const DELAYS = { p50: 0, p95: 0, p99: 0.5, max: 0.5 };
const load = { client: 0, eventLoopDelayMs: DELAYS, cpuShare: 0.1, cpuSource: "thread" } as const;
const SWEEP = { kind: "concurrency-sweep", clients: [1, 2] } as const;
const ROUNDS = { kind: "serial" } as const;

async function phaseOf(step: number, fields: Partial<PhaseReport["reports"][number]> = {}): Promise<PhaseReport> {
  const itl = (await ItlHistogram.create()).encode();
  const counters = [{ value: 10 }, { value: 52 }] as const;
  const report = { records: makeRecords(2), itl, gaps: [], load, ...fields };
  return { step, requestCount: 2, counters, reports: [report] };
}

test("each phase begins when the one before has ended, and its requests get numbers of their own", async () => {
  const { records } = joinPhases([await phaseOf(0), await phaseOf(1)], SWEEP);

  expect(
    records.map(({ index, stage, schedMs, firstMs, closeMs }) => [index, stage, schedMs, firstMs, closeMs]),
  ).toEqual([
    [0, 0, 0, 50, 251],
    [1, 0, 10, 60, 261],
    [2, 1, 261, 311, 512],
    [3, 1, 271, 321, 522],
  ]);
});

test("what did not happen stays null, and rounds of one load have no stages", async () => {
  const failed = {
    records: [makeRecord(0, { status: "truncated", headersMs: null, firstMs: null, lastMs: null, closeMs: 5 })],
  };
  const { records } = joinPhases([await phaseOf(0), await phaseOf(0, failed)], ROUNDS);

  expect(records[2]).toMatchObject({ stage: 0, schedMs: 261, headersMs: null, firstMs: null, closeMs: 266 });
});

test("the turns of a conversation follow each other", async () => {
  const turns = [makeRecord(1), makeRecord(0, { turn: 1 }), makeRecord(0, { turn: 0 })];
  const { records } = joinPhases([await phaseOf(0, { records: turns })], ROUNDS);

  expect(records.map(({ index, turn, jobId }) => [index, turn, jobId])).toEqual([
    [0, 0, "job-0"],
    [1, 1, "job-0"],
    [2, undefined, "job-1"],
  ]);
});

test("kept texts have the number and the times of their request in the run", async () => {
  const kept = (index: number, turn?: number) => {
    return {
      index,
      ...(turn !== undefined && { turn }),
      prompt: `${index} ${turn}`,
      promptCutLength: 0,
      output: "",
      outputCutLength: 0,
      contentAtMs: [5],
    };
  };
  const records = [makeRecord(0), makeRecord(1, { turn: 0 }), makeRecord(1, { turn: 1 })];
  const texts = { requests: [kept(1, 1), kept(0), kept(1, 0)], leftOutCount: 1 };

  const joined = joinPhases([await phaseOf(0, { records, texts }), await phaseOf(1, { records, texts })], SWEEP);

  expect(joined.texts?.leftOutCount).toBe(2);
  expect(joined.texts?.requests.map(({ index, prompt, contentAtMs: [atMs] }) => [index, prompt, atMs])).toEqual([
    [0, "0 undefined", 5],
    [1, "1 0", 5],
    [2, "1 1", 5],
    [3, "0 undefined", 266],
    [4, "1 0", 266],
    [5, "1 1", 266],
  ]);
  expect(joinPhases([await phaseOf(0)], ROUNDS).texts).toBeUndefined();
});

test("a client has its worst figures, and the worker's own count is that of all phases without their warm-ups", async () => {
  const busy = { load: { ...load, cpuShare: 0.7, eventLoopDelayMs: { ...DELAYS, p99: 9 } } };
  const { clients, counters } = joinPhases([await phaseOf(0, busy), await phaseOf(1)], SWEEP);

  expect(clients).toEqual([{ ...load, cpuShare: 0.7, eventLoopDelayMs: { ...DELAYS, p99: 9 } }]);
  expect(counters).toEqual([{ value: 0 }, { value: 84 }]);
});

test("a counter that could not be read once has no count", async () => {
  const unread = { ...(await phaseOf(1)), counters: [{ value: 1 }, { reason: "/metrics has none" }] as const };

  expect(joinPhases([await phaseOf(0), unread], SWEEP).counters).toEqual(unread.counters);
});

test("the rate of an open loop is that of the phase that missed its own by most", async () => {
  const late = makeRecords(20, (index) => ({ sendMs: index * 20, schedMs: index * 10 }));
  const { rate } = joinPhases([await phaseOf(0), await phaseOf(1, { records: late })], {
    kind: "rate-sweep",
    ratesPerSec: [1, 2],
  });

  expect(rate?.ratio).toBeLessThan(0.6);
});

test("a stall is found within a phase, and its time is that of the run", async () => {
  const records = makeRecords(1000);
  const stalled = { records, gaps: [{ fromMs: 2_000, toMs: 6_000 }] };
  const { stalls } = joinPhases([await phaseOf(0), await phaseOf(1, stalled)], SWEEP);

  expect(stalls).toMatchObject([{ startMs: 2_261, durationMs: 4_000 }]);
});
