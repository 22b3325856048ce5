import { describe, expect, test } from "vitest";
import { orcd } from "../../src/dialects/index.js";
import { runLoad, type LoadOptions, type RequestRecord } from "../../src/load/index.js";
import { planLoad } from "../../src/load/schedule/plan-load.js";
import { LoadProgressFailedError, type LoadProgress } from "../../src/load/run/progress.js";
import { errorOf, messageOf } from "../events/support.js";
import { request } from "./results.js";
import { startOf } from "../jobs/job-server.js";
import { finishJob, serveLoad } from "./run/load-server.js";

const serial = (count: number): LoadOptions => ({ profile: { kind: "serial" }, requests: [request], stop: { count } });

describe("a closed loop", () => {
  test("has one record for each request, and compares its tokens with the worker's own count", async () => {
    const { client, jobs } = await serveLoad();

    const result = await runLoad(client, serial(4));

    expect(result).toMatchObject({
      schemaVersion: 1,
      kind: "load-result",
      status: "complete",
      ended: { by: "count", message: "all 4 requests were sent" },
      plan: { profile: { kind: "serial" }, stop: { count: 4 }, warmup: null, seed: "0", requestCount: 4 },
      counts: { attempted: 4, byStatus: { ok: 4 } },
      tokenCheck: { status: "compared", counted: 8, workerCounted: 8 },
      rate: null,
      warmup: null,
      latency: { itl: { count: 4 }, ttft: { count: 4 } },
    });
    expect(result.records.map(({ index, status, client: by, stage }) => [index, status, by, stage])).toEqual([
      [0, "ok", 0, 0],
      [1, "ok", 0, 0],
      [2, "ok", 0, 0],
      [3, "ok", 0, 0],
    ]);
    expect(jobs.map((job) => job.request["job_id"])).toEqual(["job", "job~1", "job~2", "job~3"]);
    expect(result.clients).toHaveLength(1);
    expect(Date.parse(result.startedAt)).toBeLessThanOrEqual(Date.now());
  });

  test("sends the next request only when the previous one has ended", async () => {
    let [running, most] = [0, 0];
    const { client } = await serveLoad((job) => {
      running += 1;
      most = Math.max(most, running);
      job.response.once("finish", () => (running -= 1));
      setImmediate(() => finishJob(job));
    });

    const { records } = await runLoad(client, serial(5));

    expect(most).toBe(1);
    for (const [index, record] of records.entries())
      expect(record.schedMs).toBeGreaterThanOrEqual(records[index - 1]?.closeMs ?? 0);
  });

  test("with several clients has that many requests in flight", async () => {
    const waiting: Parameters<typeof finishJob>[0][] = [];
    const { client } = await serveLoad((job) => {
      waiting.push(job);
      if (waiting.length === 3) waiting.splice(0).forEach(finishJob);
    });

    const result = await runLoad(client, {
      profile: { kind: "concurrency", clients: 3 },
      requests: [request],
      stop: { count: 6 },
    });

    expect(result.figures.concurrencyPeak.value).toBe(3);
    expect(result.counts).toEqual({ attempted: 6, byStatus: { ok: 6 } });
  });
});

describe("an open loop", () => {
  const burst: LoadOptions = { profile: { kind: "burst", size: 3 }, requests: [request] };

  test("sends its whole schedule without waiting for responses", async () => {
    const waiting: Parameters<typeof finishJob>[0][] = [];
    const { client } = await serveLoad((job) => {
      waiting.push(job);
      if (waiting.length === 3) waiting.splice(0).forEach(finishJob);
    });

    const result = await runLoad(client, burst);

    expect(result).toMatchObject({
      status: "complete",
      ended: { by: "schedule", message: "all 3 requests of the schedule were sent" },
      plan: { judgedFrom: "schedule", requestCount: 3 },
      counts: { byStatus: { ok: 3 } },
    });
  });

  test("reports its rate", async () => {
    const { client } = await serveLoad();

    const { rate } = await runLoad(client, {
      profile: { kind: "constant", ratePerSec: 500 },
      requests: [request],
      stop: { count: 10 },
    });

    expect(rate?.requestedPerSec).toBeCloseTo(500);
  });
});

test("the measured schedule comes from the seed of the run", async () => {
  const { client } = await serveLoad();
  const profile = { kind: "poisson", ratePerSec: 500 } as const;

  const { records } = await runLoad(client, { profile, requests: [request], stop: { count: 3 }, seed: 7 });

  const schedule = planLoad(profile, { count: 3, durationMs: Infinity }, 7n);
  expect(schedule).toMatchObject({
    arrivals: records.map(({ schedMs }) => ({ atMs: expect.closeTo(schedMs, 2) as number })),
  });
});

describe("the warm-up", () => {
  test("is sent first, has its own ids, and is not part of the result", async () => {
    const { client, jobs } = await serveLoad((job) => {
      if (String(job.request["job_id"]).endsWith("~1")) job.finish(startOf(job));
      else finishJob(job);
    });

    const result = await runLoad(client, { ...serial(1), warmup: { count: 3 } });

    expect(jobs.map((job) => job.request["job_id"])).toEqual(["warmup-job", "warmup-job~1", "warmup-job~2", "job"]);
    expect(result.warmup).toMatchObject({ attempted: 3, ok: 2 });
    expect(result.warmup!.durationMs).toBeGreaterThanOrEqual(0);
    expect(result.warmup!.durationMs).toBeLessThan(30_000);
    expect(result.plan.warmup).toEqual({ count: 3 });
    expect(result.counts.attempted).toBe(1);
    expect(result.tokenCheck).toMatchObject({ status: "compared", workerCounted: 2 });
  });

  test("does not change the measured schedule, and has different random numbers", async () => {
    const { client, jobs } = await serveLoad();
    const options: LoadOptions = {
      profile: { kind: "serial" },
      requests: (index, random) => ({ job_id: `job-${index}`, prompt: String(random()) }),
      stop: { count: 2 },
      seed: 7,
    };

    const first = await runLoad(client, options);
    const second = await runLoad(client, { ...options, warmup: { count: 1 } });

    const prompts = jobs.map((job) => job.request["prompt"]);
    expect(prompts.slice(3)).toEqual(prompts.slice(0, 2));
    expect(prompts[2]).not.toBe(prompts[0]);
    expect([first.plan.seed, second.plan.seed]).toEqual(["7", "7"]);
  });
});

describe("a run that is cut short is partial", () => {
  test("by the signal: requests in flight are cut off, and nothing more is sent", async () => {
    const stop = new AbortController();
    const { client, jobs } = await serveLoad((job) => {
      if (jobs.length < 2) finishJob(job);
      else stop.abort();
    });

    const result = await runLoad(client, { ...serial(9), signal: stop.signal });

    expect(result).toMatchObject({
      status: "partial",
      ended: { by: "abort", message: "the signal fired" },
      counts: { attempted: 2, byStatus: { ok: 1, aborted: 1 } },
      validity: { status: "invalid" },
    });
  });

  test("by the error rate", async () => {
    const { client } = await serveLoad(({ response }) => response.writeHead(503).end());

    const result = await runLoad(client, { ...serial(50), stop: { count: 50, errorRate: 0.5 } });

    expect(result).toMatchObject({
      status: "partial",
      ended: { by: "error-rate" },
      counts: { attempted: 20, byStatus: { "http-error": 20 } },
    });
  });

  test("by a stall", async () => {
    const { client } = await serveLoad(() => undefined);

    const result = await runLoad(client, { ...serial(3), stallTimeoutMs: 50 });

    expect(result).toMatchObject({ status: "partial", ended: { by: "stall" }, counts: { byStatus: { aborted: 1 } } });
  });

  test("by `requests` that throws, which fails the run", async () => {
    const { client, jobs } = await serveLoad();
    const requests = (index: number) => {
      if (index === 2) throw new Error("no prompt left");
      return request;
    };
    const options: LoadOptions = { profile: { kind: "serial" }, requests, stop: { durationMs: 60_000 } };

    expect(await messageOf(runLoad(client, options))).toContain("`requests` threw for request 2: no prompt left");
    expect(jobs).toHaveLength(2);
  });

  test.each<Pick<LoadOptions, "profile" | "stop">>([
    { profile: { kind: "serial" }, stop: { count: 3 } },
    { profile: { kind: "constant", ratePerSec: 20 }, stop: { count: 3 } },
  ])("requests are created before any is sent, if their number is known: %j", async (plan) => {
    const { client, jobs } = await serveLoad();
    const requests = (index: number) => {
      if (index === 2) throw new Error("no prompt left");
      return request;
    };

    expect(await messageOf(runLoad(client, { ...plan, requests }))).toContain("no prompt left");
    expect(jobs).toEqual([]);
  });

  test("no request is created beyond the number that is known", async () => {
    const { client } = await serveLoad();
    const created: number[] = [];
    const requests = (index: number) => {
      created.push(index);
      return { ...request, job_id: `job-${index}` };
    };

    await runLoad(client, { ...serial(3), requests });

    expect(created).toEqual([0, 1, 2]);
  });
});

describe("onProgress", () => {
  test("is called at the end of each phase with the final counts", async () => {
    const { client } = await serveLoad();
    const seen: LoadProgress[] = [];

    await runLoad(client, { ...serial(3), warmup: { count: 2 }, onProgress: (progress) => seen.push(progress) });

    const last = (phase: LoadProgress["phase"]) => seen.filter((progress) => progress.phase === phase).at(-1);
    expect(last("warmup")).toMatchObject({ planned: 2, sent: 2, running: 0, done: 2, byStatus: { ok: 2 } });
    expect(last("measure")).toMatchObject({ planned: 3, sent: 3, running: 0, done: 3, byStatus: { ok: 3 } });
    expect(last("measure")!.recentTtftMs).toBeGreaterThan(0);
  });

  test("has no planned count if time ends the phase", async () => {
    const { client } = await serveLoad();
    const seen: LoadProgress[] = [];

    await runLoad(client, { ...serial(1), stop: { durationMs: 5 }, onProgress: (progress) => seen.push(progress) });

    expect(seen.at(-1)!.planned).toBeUndefined();
  });

  test("PROGRESS_FAILED if it throws: it is not called again, and the error has the whole result", async () => {
    const { client } = await serveLoad();
    let callCount = 0;
    const onProgress = () => {
      callCount += 1;
      throw new Error("disk full");
    };

    const error = await errorOf(runLoad(client, { ...serial(3), onProgress }));

    expect(error).toBeInstanceOf(LoadProgressFailedError);
    expect(error.cause).toEqual(new Error("disk full"));
    expect((error as unknown as LoadProgressFailedError).result.counts).toEqual({ attempted: 3, byStatus: { ok: 3 } });
    expect(callCount).toBe(1);
  });
});

describe("onRecord", () => {
  test("is called with every finished request of the measured phase, and with none of the warm-up", async () => {
    const { client } = await serveLoad();
    const seen: RequestRecord[] = [];

    const { records } = await runLoad(client, {
      ...serial(3),
      warmup: { count: 2 },
      onRecord: (record) => void seen.push(record),
    });

    expect(seen).toEqual(records);
  });

  test("PROGRESS_FAILED if it throws: the message names it, and onProgress is not called again either", async () => {
    const { client } = await serveLoad();
    let callCount = 0;
    const onRecord = () => {
      throw new Error("disk full");
    };
    const error = await errorOf(
      runLoad(client, { ...serial(3), onRecord, onProgress: ({ done }) => void (callCount += Number(done > 0)) }),
    );

    expect(error.message).toContain("`onRecord` threw: disk full");
    expect((error as unknown as LoadProgressFailedError).result.counts.attempted).toBe(3);
    expect(callCount).toBe(0);
  });
});

test("a worker without metrics is measured, and the token check has the reason why it is missing", async () => {
  const { client } = await serveLoad(finishJob, { onGet: (_, response) => response.writeHead(404).end("none") });

  const { tokenCheck, counts } = await runLoad(client, serial(1));

  expect(counts.byStatus).toEqual({ ok: 1 });
  expect(tokenCheck).toMatchObject({
    status: "unavailable",
    reason: expect.stringContaining("/metrics cannot be read: [HTTP_FAILED]") as string,
  });
});

test("the timeouts of the run apply to every request", async () => {
  const { client } = await serveLoad((job) => job.send(startOf(job)));

  const { records } = await runLoad(client, { ...serial(1), timeouts: { firstTokenMs: 30 } });

  expect(records).toMatchObject([{ status: "limit-exceeded", code: "firstTokenMs" }]);
});

describe("INVALID_OPTION, and nothing is sent", () => {
  test.each<[string, unknown, string]>([
    ["an unknown option", { rate: 5 }, "`rate`"],
    ["no profile", { profile: undefined }, "`profile`"],
  ])("%s", async (_, options, message) => {
    const { client, jobs } = await serveLoad();

    expect(await messageOf(runLoad(client, { ...serial(1), ...(options as object) }))).toContain(message);
    expect(jobs).toEqual([]);
  });

  test("something other than a target", async () => {
    expect(await messageOf(runLoad({} as never, serial(1)))).toContain("Expected `target` to be");
  });

  test("a custom dialect on several client threads", async () => {
    const { client, jobs } = await serveLoad(finishJob, { dialect: { ...orcd, name: "tiny" } });

    expect(await messageOf(runLoad(client, { ...serial(1), clientThreads: 2 }))).toContain("got `tiny`");
    expect(jobs).toEqual([]);
  });
});
