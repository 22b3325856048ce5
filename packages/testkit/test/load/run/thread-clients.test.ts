import { describe, expect, onTestFinished, test } from "vitest";
import type { ClientReport } from "../../../src/load/run/clients.js";
import { PhaseControl } from "../../../src/load/run/phase-control.js";
import { ProgressState, type LoadProgress } from "../../../src/load/run/progress.js";
import { RequestSource } from "../../../src/load/run/request-source.js";
import { ThreadClients } from "../../../src/load/run/thread-clients.js";
import { makeTestRequest } from "../../../src/requests/index.js";
import type { LoadSchedule } from "../../../src/load/schedule/plan-load.js";
import { errorOf } from "../../events/support.js";

const file = new URL("threads/client.mjs", import.meta.url);

const setup = { baseUrl: "http://worker", timeouts: undefined, dialect: "orcd", model: undefined } as const;
type ThreadsOptions = Parameters<typeof ThreadClients.open>[0];

async function open(count: number, options: Partial<ThreadsOptions> = {}): Promise<ThreadClients> {
  const clients = await ThreadClients.open({ ...setup, count, file, ...options });
  onTestFinished(() => clients[Symbol.asyncDispose]());
  return clients;
}

const closed = (count: number, clients = 2): LoadSchedule => ({ kind: "closed", clients, count, durationMs: Infinity });
const open3: LoadSchedule = { kind: "open", arrivals: [0, 1, 2].map((atMs) => ({ atMs, stage: 0 })) };

/** A phase whose threads do what `how` says. */
function order(
  how: string,
  { schedule = closed(4), ...fields }: { schedule?: LoadSchedule; errorRate?: number; ended?: object[] } = {},
) {
  const reports: LoadProgress[] = [];
  const progress = new ProgressState("measure", undefined, {
    report: (report) => reports.push(report),
    record: () => undefined,
  });
  const stop = { count: Infinity, durationMs: Infinity, errorRate: fields.errorRate ?? Infinity };
  const control = new PhaseControl({ stop, stallTimeoutMs: 60_000, signal: undefined }, progress);
  onTestFinished(() => control.close());
  const ended = fields.ended === undefined ? {} : { ended: fields.ended };
  const source = new RequestSource([{ job_id: how, ...ended }], { seed: 0n, phase: "measure" });
  return { schedule, source, control, progress, reports };
}

/** What each thread was given, which the threads of these tests report. */
type Given = {
  client: number;
  baseUrl: string;
  schedule: object;
  requests: Map<number, object>;
  startAtNs: bigint;
  reason?: string;
};
const givenTo = (reports: readonly ClientReport[]) => reports as unknown as readonly Given[];

describe("a phase", () => {
  test("is divided among the threads, each with its own requests, and starts a moment later for all", async () => {
    const clients = await open(2);

    const beforeNs = process.hrtime.bigint();
    const given = givenTo(await clients.run(order("answers")));
    const afterNs = process.hrtime.bigint();

    expect(given).toMatchObject([
      { client: 0, baseUrl: "http://worker", schedule: { kind: "closed", clients: 1, count: 4, first: 0, step: 2 } },
      { client: 1, baseUrl: "http://worker", schedule: { kind: "closed", clients: 1, count: 4, first: 1, step: 2 } },
    ]);
    expect(given.map(({ requests }) => [...requests.keys()])).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(given[1]!.requests.get(1)).toMatchObject({ job_id: "answers~1" });
    expect(given[0]!.startAtNs).toBe(given[1]!.startAtNs);
    expect(given[0]!.startAtNs - beforeNs).toBeGreaterThanOrEqual(50_000_000n);
    expect(given[0]!.startAtNs - afterNs).toBeLessThanOrEqual(50_000_000n);
  });

  test("is sent with the options of the clients", async () => {
    const headers = { authorization: "Bearer key" };
    const options = { timeouts: { firstTokenMs: 7 }, dialect: "llama-cpp", model: "tiny", headers } as const;
    const clients = await open(1, options);

    expect(await clients.run(order("answers"))).toMatchObject([options]);
  });

  test.each([
    ["anthropic", null],
    ["orcd", 42],
  ] as const)("for `%s` has requests whose default seed is %s", async (dialect, seed) => {
    const clients = await open(1, { dialect });
    const request = makeTestRequest("answers", "Hello", 5);
    const source = new RequestSource([request], { seed: 0n, phase: "measure" });

    const given = givenTo(await clients.run({ ...order("answers"), source }));

    expect(given[0]!.requests.get(0)).toMatchObject({ seed });
  });

  test("of an open loop gives each thread the requests of its arrivals", async () => {
    const clients = await open(2);

    const given = givenTo(await clients.run(order("answers", { schedule: open3 })));

    expect(given.map(({ requests }) => [...requests.keys()])).toEqual([[0, 2], [1]]);
  });

  test("with fewer lanes than threads leaves some without work", async () => {
    const clients = await open(2);

    expect(await clients.run(order("answers", { schedule: closed(3, 1) }))).toMatchObject([{ client: 0 }]);
  });

  test("can follow another one", async () => {
    const clients = await open(1);

    await clients.run(order("answers"));

    expect(await clients.run(order("answers"))).toHaveLength(1);
  });

  test("counts what the threads report", async () => {
    const clients = await open(2);
    const run = order("answers");

    await clients.run(run);

    expect([run.progress.running, run.progress.done, run.progress.failed]).toEqual([2, 2, 0]);
    expect(run.control.ended).toBeUndefined();
  });

  test("is ended by the error rate that they report", async () => {
    const clients = await open(1);
    const ended = Array(20).fill({ status: "truncated", firstMs: null, sendMs: 0 }) as object[];
    const run = order("answers after a cut", { ended, errorRate: 0.5 });

    const given = givenTo(await clients.run(run));

    expect(run.control.ended).toMatchObject({ by: "error-rate" });
    expect(given[0]!.reason).toContain("20 of 20 requests failed");
  });
});

describe("a cut", () => {
  test("reaches the threads with its reason, and their reports are kept", async () => {
    const clients = await open(2);
    const run = order("answers after a cut");
    const running = clients.run(run);

    run.control.end("stall", "nothing happened");

    expect(givenTo(await running).map(({ reason }) => reason)).toEqual(["nothing happened", "nothing happened"]);
    expect(run.control.ended).toEqual({ by: "stall", message: "nothing happened" });
  });

  test("before the phase reaches it as well", async () => {
    const clients = await open(1);
    const run = order("answers after a cut");
    run.control.end("abort", "the signal fired");

    expect(givenTo(await clients.run(run))).toMatchObject([{ reason: "the signal fired" }]);
  });
});

test("what happens after a phase does not change it, and its cut does not reach the next one", async () => {
  const clients = await open(1);
  const [first, second, third] = [order("answers"), order("answers after a cut"), order("throws")];
  await clients.run(first);
  const running = clients.run(second);

  first.control.end("abort", "too late");
  second.control.end("stall", "nothing happened");
  const given = givenTo(await running);
  await clients.run(third);

  expect(given.map(({ reason }) => reason)).toEqual(["nothing happened"]);
  expect([first, second].map(({ control, progress }) => [control.ended?.by, progress.done])).toEqual([
    ["abort", 1],
    ["stall", 1],
  ]);
});

test("a thread that is lost after a phase does not end it", async () => {
  const clients = await open(1);
  const [first, second] = [order("answers"), order("throws")];
  await clients.run(first);
  await clients.run(second);

  expect([first.control.ended, second.control.ended?.by]).toEqual([undefined, "client-lost"]);
});

describe("a lost thread", () => {
  test.each([
    ["throws", "a client thread ended: the thread broke"],
    ["exits", "a client thread ended: exit code 3"],
  ])("%s: the phase ends, without its report", async (how, message) => {
    const clients = await open(1);
    const run = order(how);

    expect(await clients.run(run)).toEqual([]);

    expect(run.control.ended).toEqual({ by: "client-lost", message });
  });

  test("is noticed at the start of the next phase", async () => {
    const clients = await open(1);
    await clients.run(order("exits"));
    const run = order("answers");

    expect(await clients.run(run)).toEqual([]);

    expect(run.control.ended).toEqual({
      by: "client-lost",
      message: "a client thread ended: it ended before the phase",
    });
  });

  test("that does not report after a cut is terminated, so that its report cannot be taken for a later one", async () => {
    const clients = await open(1, { cutTimeoutMs: 10 });
    const run = order("never answers");
    const running = clients.run(run);
    run.control.end("stall", "nothing happened");
    const next = order("answers");

    expect(await running).toEqual([]);
    expect(await clients.run(next)).toEqual([]);

    expect(run.control.ended).toEqual({ by: "stall", message: "nothing happened" });
    expect(next.control.ended).toMatchObject({ by: "client-lost" });
  });

  test("that is not ready in time is LOAD_CLIENT_LOST, with the time", async () => {
    const error = await errorOf(open(1, { baseUrl: "never-ready", readyTimeoutMs: 20 }));

    expect(error).toMatchObject({ code: "LOAD_CLIENT_LOST" });
    expect(error.message).toContain("a client thread did not start: it was not ready after 20 ms");
  });

  test("that does not start is LOAD_CLIENT_LOST, with the reason", async () => {
    const error = await errorOf(open(2, { baseUrl: "fails-at-start" }));

    expect(error).toMatchObject({ code: "LOAD_CLIENT_LOST", cause: expect.any(Error) as Error });
    expect(error.message).toContain("a client thread did not start: no such module");
  });

  test("that has no program is LOAD_CLIENT_LOST", async () => {
    const missing = new URL("threads/missing.mjs", import.meta.url);

    expect(await errorOf(open(1, { file: missing }))).toMatchObject({
      code: "LOAD_CLIENT_LOST",
    });
  });
});

test("closing ends every thread, even one that does not answer", async () => {
  const clients = await open(1);
  const run = order("never answers");
  const running = clients.run(run);

  await clients[Symbol.asyncDispose]();

  expect(await running).toEqual([]);
  expect(run.control.ended).toMatchObject({ by: "client-lost" });
});
