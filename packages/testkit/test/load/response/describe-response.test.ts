import { describe, expect, test } from "vitest";
import type { LoadProfile, RequestRecord } from "../../../src/load/index.js";
import { ItlHistogram } from "../../../src/load/metrics/itl-histogram.js";
import { describeResponse, type MeasuredPhase } from "../../../src/load/response/describe-response.js";
import { listStepWindows } from "../../../src/load/response/step-windows.js";
import { makeRecord } from "../results.js";
import { serveClosed, serveOpen } from "./slots-server.js";

/** 40 requests/s at most. */
const SERVER = { slots: 4, serviceMs: 100 };

async function encode(valuesMs: readonly number[]) {
  const itl = await ItlHistogram.create();
  for (const value of valuesMs) itl.add(value);
  return itl.encode();
}

async function phaseOf(
  step: number,
  records: readonly RequestRecord[],
  itlMs: readonly number[] = [],
): Promise<MeasuredPhase> {
  return { step, records, itl: [await encode(itlMs)], stepItl: [] };
}

async function respond(
  profile: LoadProfile,
  phases: readonly MeasuredPhase[],
  { slo = {}, durationMs = Infinity }: { slo?: { ttftMs?: number }; durationMs?: number } = {},
) {
  const judgedFrom = profile.kind === "concurrency-sweep" ? ("send" as const) : ("schedule" as const);
  const response = await describeResponse({ profile, stop: { durationMs }, phases, slo, judgedFrom });
  return response!;
}

async function sweepClients(clients: readonly number[], slo = {}) {
  const phases = clients.map((count, step) => phaseOf(step, serveClosed(SERVER, count, 160), [step + 1]));
  return respond({ kind: "concurrency-sweep", clients }, await Promise.all(phases), { slo });
}

async function sweepRates(ratesPerSec: readonly number[]) {
  const phases = ratesPerSec.map((rate, step) => phaseOf(step, serveOpen(SERVER, rate, { count: 200 })));
  return respond({ kind: "rate-sweep", ratesPerSec }, await Promise.all(phases));
}

describe("a sweep over the clients of a server with 4 slots of 100 ms", () => {
  test("has its knee at 4 clients", async () => {
    const { knee, offeredUnit } = await sweepClients([1, 2, 4, 8, 16]);

    expect(offeredUnit).toBe("clients");
    expect(knee).toMatchObject({ status: "found", step: 2 });
    expect(knee.message).toBe(
      "knee at 4 clients: 40 requests/s, 100 ms end to end; with 8 clients, throughput changes by +0 %, and latency is 198 ms end to end",
    );
  });

  test("finds it in any order of the values", async () => {
    expect((await sweepClients([16, 4, 1, 8, 2])).knee).toMatchObject({ status: "found", step: 1 });
  });

  test("offers clients, achieves requests per second, and has the latencies of each value", async () => {
    const { steps } = await sweepClients([1, 4, 16]);

    expect(steps.map(({ offered, achievedPerSec }) => [offered, achievedPerSec])).toEqual([
      [1, 10],
      [4, 40],
      [16, 40],
    ]);
    expect(steps.map(({ ttft }) => [ttft.metric, ttft.percentiles.p50, ttft.percentiles.p95])).toEqual([
      ["ttft", 25, 25],
      ["ttft", 25, 25],
      ["ttft", 325, 325],
    ]);
    expect(steps.map(({ itl }) => Math.round(itl.max!))).toEqual([1, 2, 3]);
  });

  test("counts for goodput what meets the SLO, and what is not ok for neither", async () => {
    const { steps } = await sweepClients([1, 16], { ttftMs: 100 });
    const failed = await phaseOf(0, [
      ...serveClosed(SERVER, 1, 10),
      makeRecord(10, { status: "empty", schedMs: 1000, sendMs: 1000, closeMs: 1000 }),
    ]);
    const [first] = (await respond({ kind: "concurrency-sweep", clients: [1, 2] }, [failed])).steps;

    expect(steps.map(({ goodputPerSec }) => goodputPerSec)).toEqual([10, 1]);
    expect(first).toMatchObject({ attempted: 11, ok: 10, achievedPerSec: 10 });
  });
});

describe("a sweep over rates, against a capacity of 40 requests/s", () => {
  test("has its knee at the highest rate that the server keeps up with", async () => {
    const { steps, knee } = await sweepRates([10, 20, 40, 50, 80]);

    expect(steps.map(({ achievedPerSec }) => Math.round(achievedPerSec))).toEqual([10, 20, 40, 40, 40]);
    expect(knee).toMatchObject({ status: "found", step: 2 });
    expect(knee.message).toMatch(/^knee at 40 requests\/s: 40 requests\/s, 100 ms end to end; with 50 requests\/s, /);
    expect(steps[0]!.ttft.metric).toBe("ttftFromSchedule");
  });
});

describe("no knee is found, and the reason is given,", () => {
  test.each([
    [
      [1, 2, 4],
      "no knee found: up to 4 clients, more load gains more throughput than it costs latency; try higher values",
    ],
    [
      [4, 8, 16],
      "no knee found: from 4 clients on, more load costs more latency than it gains throughput; try lower values",
    ],
    [[1, 16], "no knee found: it takes at least 3 different values of the load"],
  ])("with %j clients", async (clients, message) => {
    expect((await sweepClients(clients)).knee).toEqual({ status: "none", message });
  });

  test("where throughput and latency grow at the same pace", async () => {
    const servers = [1, 2, 4].map((speed) => serveClosed({ slots: 99, serviceMs: 100 * speed }, speed * speed, 64));
    const phases = await Promise.all(servers.map((records, step) => phaseOf(step, records)));

    const { knee } = await respond({ kind: "concurrency-sweep", clients: [1, 4, 16] }, phases);
    expect(knee.message).toBe("no knee found: throughput and latency grow at the same pace over all values");
  });

  test("where no request was ok", async () => {
    const failed = serveClosed(SERVER, 1, 3).map((record) => ({ ...record, status: "truncated" as const }));
    const phases = await Promise.all([0, 1, 2].map((step) => phaseOf(step, failed)));

    const { knee, steps } = await respond({ kind: "concurrency-sweep", clients: [1, 2, 3] }, phases);
    expect(knee.message).toBe("no knee found: no request was ok");
    expect(steps[0]).toMatchObject({ achievedPerSec: 0, goodputPerSec: 0, e2eMeanMs: null });
  });
});

test("the values that a sweep did not reach are left out", async () => {
  const { steps } = await respond({ kind: "concurrency-sweep", clients: [1, 2, 4] }, [
    await phaseOf(0, serveClosed(SERVER, 1, 20)),
    await phaseOf(1, []),
  ]);
  expect(steps.map(({ offered }) => offered)).toEqual([1]);
});

test("the rounds of one value are one step, each for as long as it took", async () => {
  const [slow, fast] = [
    serveClosed({ slots: 1, serviceMs: 300 }, 1, 10),
    serveClosed({ slots: 1, serviceMs: 100 }, 1, 10),
  ];
  const { steps } = await respond({ kind: "concurrency-sweep", clients: [1, 2] }, [
    await phaseOf(0, slow, [1]),
    await phaseOf(0, fast, [2]),
  ]);

  expect(steps).toMatchObject([{ offered: 1, attempted: 20, achievedPerSec: 5, itl: { count: 2 } }]);
});

describe("the steps of one phase", () => {
  const stages = (ratePerSec: number) => ({ profile: { kind: "constant", ratePerSec } as const, durationMs: 5_000 });
  const profile = { kind: "stages", stages: [stages(10), stages(40), stages(80)] } as const;
  const all = [10, 40, 80].flatMap((rate, index) => {
    return serveOpen(SERVER, rate, { count: rate * 5, fromMs: index * 5_000 });
  });

  test("are its stages: what was due and what ended in each", async () => {
    const stepItl = [[await encode([1]), await encode([2, 2]), await encode([3])]];
    const phase = { ...(await phaseOf(0, all)), stepItl };

    const { steps, offeredUnit, knee } = await respond(profile, [phase]);

    expect(offeredUnit).toBe("requests/s");
    expect(steps.map(({ offered, fromMs, toMs }) => [offered, fromMs, toMs])).toEqual([
      [10, 0, 5_000],
      [40, 5_000, 10_000],
      [80, 10_000, 15_000],
    ]);
    expect(steps.map(({ achievedPerSec }) => Math.round(achievedPerSec))).toEqual([10, 39, 40]);
    expect(steps.map(({ itl }) => itl.count)).toEqual([1, 2, 1]);
    expect(knee).toMatchObject({ status: "found", step: 1 });
  });

  test("are eight parts of a ramp", () => {
    const windows = listStepWindows({ kind: "ramp", fromPerSec: 1, toPerSec: 9 }, { durationMs: 800 });

    expect(windows).toHaveLength(8);
    expect([windows[0], windows[7]]).toEqual([
      { fromMs: 0, toMs: 100 },
      { fromMs: 700, toMs: 800 },
    ]);
  });

  test("are those that the run reaches", () => {
    expect(listStepWindows(profile, { durationMs: 7_000 })).toEqual([
      { fromMs: 0, toMs: 5_000 },
      { fromMs: 5_000, toMs: 7_000 },
    ]);
  });

  test("do not exist for one stage or a load that does not change", async () => {
    expect(listStepWindows({ kind: "stages", stages: [stages(10)] }, { durationMs: Infinity })).toEqual([]);
    expect(await respond({ kind: "constant", ratePerSec: 10 }, [await phaseOf(0, all)])).toBeUndefined();
  });
});
