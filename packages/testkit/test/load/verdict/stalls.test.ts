import { describe, expect, test } from "vitest";
import type { RequestRecord } from "../../../src/load/index.js";
import { intersectGaps, ProgressTimeline } from "../../../src/load/metrics/progress-timeline.js";
import { findStalls } from "../../../src/load/verdict/stalls.js";
import { makeRecord } from "../results.js";

/** How a server answers: ms of prefill and between two tokens, and when it stands still. */
interface Behavior {
  readonly clients: number;
  readonly prefillMs: number | ((index: number) => number);
  readonly itlMs: number;
  readonly tokens: number;
  readonly untilMs: number;
  readonly freezes?: readonly { readonly fromMs: number; readonly forMs: number }[];
  /** Several tokens arrive at once. */
  readonly burst?: number;
}

/** The records and gaps of a closed loop against such a server, on a clock of its own. */
function simulate({ clients, prefillMs, itlMs, tokens, untilMs, freezes = [], burst = 1 }: Behavior) {
  const timeline = new ProgressTimeline();
  const records: RequestRecord[] = [];
  /** When something arrives that the server would send after so much time of work. */
  const arrive = (workMs: number) =>
    freezes.reduce((atMs, { fromMs, forMs }) => atMs + (atMs >= fromMs ? forMs : 0), workMs);
  for (let client = 0; client < clients; client += 1) {
    for (let workMs = client * 7; arrive(workMs) < untilMs;) {
      const index = records.length;
      const sendMs = arrive(workMs);
      workMs += typeof prefillMs === "number" ? prefillMs : prefillMs(index);
      const times = Array.from({ length: tokens }, (_, i) =>
        arrive(workMs + (Math.ceil((i + 1) / burst) * burst - 1) * itlMs),
      );
      workMs += tokens * itlMs;
      for (const atMs of times) timeline.note(atMs);
      const [firstMs, lastMs] = [times[0]!, times.at(-1)!];
      records.push(
        makeRecord(index, {
          schedMs: sendMs,
          sendMs,
          firstMs,
          lastMs,
          closeMs: lastMs + 0.1,
          contentEventCount: tokens,
        }),
      );
    }
  }
  return { records, gaps: timeline.listGaps(), clientDelayMs: 5 };
}

const fast = { clients: 8, prefillMs: 50, itlMs: 10, tokens: 20, untilMs: 10_000 };
const freeze = [{ fromMs: 4_000, forMs: 2_000 }];

describe("a server that stands still", () => {
  test.each<[string, Behavior]>([
    ["with short requests", fast],
    ["with few long requests, all of which it holds", { ...fast, clients: 4, tokens: 700 }],
    ["between the tokens of the only request", { ...fast, clients: 1, prefillMs: 10, itlMs: 20, tokens: 500 }],
    ["with prefills of half a second", { ...fast, prefillMs: 500 }],
  ])("%s", (_, behavior) => {
    const [stall, ...others] = findStalls(simulate({ ...behavior, freezes: freeze }));

    expect(others).toEqual([]);
    expect(stall!.startMs).toBeGreaterThan(3_400); // all of them may be in prefill by then
    expect(stall!.startMs).toBeLessThanOrEqual(4_020);
    expect(stall!.durationMs).toBeGreaterThan(1_900);
    expect(stall!.startMs + stall!.durationMs).toBeLessThan(6_100);
    expect(stall!.heldCount).toBeGreaterThan(behavior.clients / 2);
    expect(stall!.heldCount).toBeLessThanOrEqual(behavior.clients);
    expect(stall!.limitMs).toBeGreaterThanOrEqual(1_000);
  });

  test.each([
    [[7_000], [7]],
    [
      [3_000, 2_500],
      [3, 3],
    ],
  ])("for most of the run: %j ms", (lengths, seconds) => {
    const freezes = lengths.map((forMs, index) => ({ fromMs: 1_000 + index * 5_000, forMs }));

    const stalls = findStalls(simulate({ ...fast, freezes }));

    expect(stalls.map(({ durationMs }) => Math.round(durationMs / 1000))).toEqual(seconds);
  });

  test("until the client gives up", () => {
    const facts = simulate({ ...fast, untilMs: 5_000 });
    const lastMs = Math.max(...facts.records.map(({ closeMs }) => closeMs));
    const held = makeRecord(999, {
      status: "limit-exceeded",
      sendMs: lastMs - 100,
      firstMs: lastMs - 50,
      lastMs: lastMs - 20,
      closeMs: lastMs + 9_000,
    });

    expect(findStalls({ ...facts, records: [...facts.records, held] })).toMatchObject([{ heldCount: 1 }]);
  });
});

describe("not a stall", () => {
  test.each<[string, Behavior]>([
    ["a fast server", fast],
    ["a server that is slow, one token in 1.2 s", { ...fast, clients: 1, itlMs: 1_200, untilMs: 60_000 }],
    ["a single client with a long prefill", { ...fast, clients: 1, prefillMs: 5_000, untilMs: 60_000 }],
    ["a long prefill and a longer answer", { ...fast, clients: 1, prefillMs: 5_000, tokens: 2_000, untilMs: 60_000 }],
    [
      "one long prompt among short ones, with a single client",
      { ...fast, clients: 1, prefillMs: (index) => (index === 20 ? 8_000 : 50), untilMs: 30_000 },
    ],
    [
      "a server that sends its tokens in bursts, 3 s apart",
      { ...fast, clients: 1, itlMs: 100, tokens: 120, burst: 30, untilMs: 60_000 },
    ],
    ["a pause of 900 ms", { ...fast, freezes: [{ fromMs: 4_000, forMs: 900 }] }],
    ["a first answer that takes 6 s", { ...fast, prefillMs: (index) => (index === 0 ? 6_000 : 50), clients: 1 }],
  ])("%s", (_, behavior) => {
    expect(findStalls(simulate(behavior))).toEqual([]);
  });

  test("a time in which the client itself stood still", () => {
    expect(findStalls({ ...simulate({ ...fast, freezes: freeze }), clientDelayMs: 1_990 })).toEqual([]);
  });

  test("a time in which nothing was in flight", () => {
    const timeline = new ProgressTimeline();
    for (let atMs = 0; atMs < 1_000; atMs += 10) timeline.note(atMs);
    for (let atMs = 9_000; atMs < 10_000; atMs += 10) timeline.note(atMs);
    const records = [
      makeRecord(0, { sendMs: 0, closeMs: 999 }),
      makeRecord(1, { sendMs: 9_000, firstMs: 9_000, closeMs: 9_999 }),
    ];

    expect(findStalls({ records, gaps: timeline.listGaps(), clientDelayMs: 0 })).toEqual([]);
  });

  test("no request at all", () => {
    expect(findStalls({ records: [], gaps: new ProgressTimeline().listGaps(), clientDelayMs: 0 })).toEqual([]);
  });
});

describe("the timeline", () => {
  test("lists the gaps of 200 ms and more, in a run of any length", () => {
    const timeline = new ProgressTimeline();
    for (const atMs of [300, 499, 695, 86_400_000, -1]) timeline.note(atMs);

    expect(timeline.listGaps()).toEqual([
      { fromMs: 10, toMs: 300 },
      { fromMs: 700, toMs: 86_400_000 },
      { fromMs: 86_400_010, toMs: Infinity },
    ]);
  });

  test("what any client receives is progress", () => {
    const gap = (fromMs: number, toMs: number) => ({ fromMs, toMs });

    expect(
      intersectGaps([
        [gap(0, 1_000), gap(2_000, 5_000)],
        [gap(900, 3_000), gap(3_100, Infinity)],
      ]),
    ).toEqual([gap(2_000, 3_000), gap(3_100, 5_000)]);
    expect(intersectGaps([])).toEqual([]);
  });

  test("a day of one gap a second is judged within the time of a test", () => {
    const gaps = Array.from({ length: 86_400 }, (_, index) => ({
      fromMs: index * 2_000 + 10,
      toMs: (index + 1) * 2_000,
    }));
    const records = [makeRecord(0, { sendMs: 0, firstMs: 5, closeMs: 172_800_000 })];

    expect(findStalls({ records, gaps, clientDelayMs: 0 })).toEqual([]);
  });
});
