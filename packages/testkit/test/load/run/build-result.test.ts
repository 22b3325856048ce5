import type { Health } from "inference-worker-protocol";
import { describe, expect, test } from "vitest";
import type { LoadOptions } from "../../../src/load/index.js";
import { ItlHistogram } from "../../../src/load/metrics/itl-histogram.js";
import { METRIC_DEFINITIONS } from "../../../src/load/metrics/registry.js";
import { buildResult, type RawRun } from "../../../src/load/run/build-result.js";
import type { ClientReport } from "../../../src/load/run/clients.js";
import type { PhaseReport } from "../../../src/load/run/join-phases.js";
import { resolveLoadOptions } from "../../../src/load/run/options.js";
import { countPlanned, makeRecord, makeRecords, request } from "../results.js";

const load = {
  client: 0,
  eventLoopDelayMs: { p50: 0, p95: 0, p99: 0.5, max: 0.5 },
  cpuShare: 0.1,
  cpuSource: "thread",
} as const;

/** The report of one client, with these inter-token latencies. */
async function reportOf(records: ClientReport["records"], { client = 0, itlMs = [] as number[] } = {}) {
  const itl = await ItlHistogram.create();
  for (const valueMs of itlMs) itl.add(valueMs);
  return { records, itl: itl.encode(), gaps: [], load: { ...load, client } };
}

const constant: LoadOptions = {
  profile: { kind: "constant", ratePerSec: 100 },
  requests: [request],
  stop: { count: 20 },
};

function phaseOf(reports: readonly ClientReport[], requestCount = 20): PhaseReport {
  return { step: 0, requestCount, counters: [{ value: 0 }, { value: 20 * 21 }], reports };
}

async function build(given: Partial<LoadOptions> = {}, run: Partial<RawRun> = {}) {
  const options = resolveLoadOptions({ ...constant, ...given });
  return buildResult({
    options,
    startedAt: "2026-01-01T00:00:00.000Z",
    ended: { by: "schedule", message: "all 20 requests of the schedule were sent" },
    health: undefined,
    warmup: null,
    phases: [phaseOf([await reportOf(makeRecords(20))], countPlanned(options))],
    ...run,
  });
}

test("a result has the facts of the run, with a definition for each metric", async () => {
  const warmup = { attempted: 3, ok: 2, durationMs: 9 };

  expect(await build({}, { warmup })).toMatchObject({
    schemaVersion: 1,
    kind: "load-result",
    startedAt: "2026-01-01T00:00:00.000Z",
    ended: { by: "schedule", message: "all 20 requests of the schedule were sent" },
    warmup,
    tokenCheck: { status: "compared", counted: 420, workerCounted: 420, difference: 0 },
    definitions: METRIC_DEFINITIONS,
  });
});

test.each([
  ["schedule", "complete"],
  ["count", "complete"],
  ["time", "complete"],
  ["error-rate", "partial"],
  ["abort", "partial"],
  ["stall", "partial"],
  ["client-lost", "partial"],
] as const)("a run that was ended by %s is %s", async (by, status) => {
  expect(await build({}, { ended: { by, message: "" } })).toMatchObject({ status });
});

describe("the plan", () => {
  test("has the options as given, and the length of the schedule", async () => {
    const given: Partial<LoadOptions> = {
      warmup: { count: 3 },
      seed: 2n ** 63n,
      slo: { ttftMs: 60 },
      clientThreads: 2,
    };

    expect((await build(given)).plan).toEqual({
      profile: constant.profile,
      stop: { count: 20 },
      warmup: { count: 3 },
      seed: "9223372036854775808",
      clientThreads: 2,
      slo: { ttftMs: 60 },
      judgedFrom: "schedule",
      requestCount: 20,
    });
  });

  test("of a closed loop has the count of requests, unless only the time ends it", async () => {
    const serial = { profile: { kind: "serial" } } as const;

    expect((await build({ ...serial, stop: { count: 7 } })).plan).toMatchObject({ warmup: null, requestCount: 7 });
    expect((await build({ ...serial, stop: { durationMs: 9 } })).plan).toMatchObject({
      judgedFrom: "send",
      requestCount: null,
    });
  });
});

test("only an open loop has a rate", async () => {
  expect((await build()).rate).toEqual({ requestedPerSec: 100, achievedPerSec: 100, ratio: 1 });
  expect((await build({ profile: { kind: "serial" } })).rate).toBeNull();
});

test("goodput is judged by the SLO, from the schedule in an open loop", async () => {
  const reports = [await reportOf([makeRecord(0), makeRecord(1, { schedMs: 0, sendMs: 30 })])];
  const ratioOf = async (given: Partial<LoadOptions>) =>
    (await build({ slo: { ttftMs: 60 }, ...given }, { phases: [phaseOf(reports)] })).figures.goodputRatio.value;

  expect(await ratioOf({})).toBe(0.5);
  expect(await ratioOf({ profile: { kind: "serial" } })).toBe(1);
});

test("the SLO decides how precise the client must be", async () => {
  const validityOf = async (slo: LoadOptions["slo"]) => (await build({ slo })).validity;

  expect(await validityOf({ ttftMs: 4 })).toMatchObject({ status: "invalid", reasons: [{ code: "event-loop-delay" }] });
  expect(await validityOf({ ttftMs: 6 })).toEqual({ status: "valid", reasons: [] });
});

test("the reports of several clients make one result: records by index, latencies pooled", async () => {
  const [even, odd] = [0, 1].map((first) => makeRecords(20).filter(({ index }) => index % 2 === first));
  const reports = [
    await reportOf(odd!, { client: 0, itlMs: [1, 1.5] }),
    await reportOf(even!, { client: 1, itlMs: [2] }),
  ];

  const result = await build({}, { phases: [phaseOf(reports)] });

  expect(result.records).toEqual(makeRecords(20));
  expect(result.clients).toEqual([
    { ...load, client: 0 },
    { ...load, client: 1 },
  ]);
  expect(result.latency.itl).toMatchObject({ count: 3, min: 1, max: 2 });
  expect((await ItlHistogram.decode(result.itlHistogram)).count).toBe(3);
});

describe("the model of the fingerprint is", () => {
  const health = { model: "from-health" } as unknown as Health;
  const modelOf = async (given: Partial<LoadOptions>, run: Partial<RawRun>) => (await build(given, run)).machine.model;

  test("the one that the caller states", async () => {
    expect(await modelOf({ machine: { model: "stated" } }, { model: "requested" })).toBe("stated");
    expect(await modelOf({ machine: { model: "stated" } }, { health })).toBe("stated");
  });

  test("else that of the health endpoint", async () => {
    expect(await modelOf({}, { health, model: "requested" })).toBe("from-health");
  });

  test("else, without a health endpoint, the one that the requests name", async () => {
    expect(await modelOf({}, { model: "requested" })).toBe("requested");
    expect(await modelOf({}, {})).toBeNull();
  });
});

test("a stall is a time in which none of the clients received anything, less the delay of the client that was least late", async () => {
  const records = makeRecords(1000);
  const gapsOf = (fromMs: number, toMs: number) => ({ gaps: [{ fromMs, toMs }] });
  const late = { load: { ...load, eventLoopDelayMs: { ...load.eventLoopDelayMs, max: 5_000 } } };
  const report = await reportOf(records);
  const closed: Partial<LoadOptions> = { profile: { kind: "concurrency", clients: 4 }, clientThreads: 2 };
  const stallsOf = async (...reports: readonly ClientReport[]) =>
    (await build(closed, { phases: [phaseOf(reports)] })).stalls;

  const [one, other] = [
    { ...report, ...gapsOf(2_000, 6_000) },
    { ...report, records: [], ...gapsOf(4_000, 9_000) },
  ];

  expect(await stallsOf(one, other)).toMatchObject([{ startMs: 4_000, durationMs: 2_000 }]);
  expect(await stallsOf(one, { ...other, ...late })).toHaveLength(1);
  expect(await stallsOf({ ...one, ...late }, { ...other, ...late })).toEqual([]);
  expect(await stallsOf(one, { ...other, gaps: [] })).toEqual([]);
});
