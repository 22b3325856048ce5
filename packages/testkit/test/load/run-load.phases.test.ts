import { describe, expect, test } from "vitest";
import { runLoad } from "../../src/load/index.js";
import { request } from "./results.js";
import { finishJob, serveLoad } from "./run/load-server.js";

describe("a sweep", () => {
  test("runs one phase for each value, each after its warm-up, with other requests in each", async () => {
    const { client, jobs } = await serveLoad();
    const labels = new Set<string>();

    const result = await runLoad(client, {
      profile: { kind: "concurrency-sweep", clients: [1, 3] },
      requests: (index) => ({ ...request, job_id: `job-${index}` }),
      stop: { count: 4 },
      warmup: { count: 2 },
      onProgress: ({ phase, step }) => labels.add(`${phase} ${step?.number} of ${step?.count}: ${step?.label}`),
    });

    const expected = ["warmup-job-0", "warmup-job-1", "job-0", "job-1", "job-2", "job-3"];
    expect(jobs.slice(0, 6).map((job) => job.request["job_id"])).toEqual(expected);
    expect(new Set(jobs.map((job) => job.request["job_id"])).size).toBe(12);
    expect(result).toMatchObject({
      status: "complete",
      ended: { by: "count", message: "all 2 phases ended: 8 requests were sent" },
      plan: { profile: { clients: [1, 3] }, judgedFrom: "send", requestCount: 8 },
      warmup: { attempted: 4, ok: 4 },
      tokenCheck: { status: "compared", counted: 16, workerCounted: 16 },
      response: {
        offeredUnit: "clients",
        steps: [
          { offered: 1, attempted: 4, ok: 4 },
          { offered: 3, attempted: 4 },
        ],
      },
    });
    expect(result.records.map(({ stage }) => stage)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(result.records[4]!.schedMs).toBeGreaterThanOrEqual(result.records[3]!.closeMs);
    expect([...labels]).toContain("measure 2 of 2: 3 clients");
  });

  test("ends with the phase that is cut short, and is partial", async () => {
    const { client } = await serveLoad((job) => job.response.writeHead(503).end());

    const result = await runLoad(client, {
      profile: { kind: "rate-sweep", ratesPerSec: [500, 1000] },
      requests: [request],
      stop: { count: 40, errorRate: 0.5 },
    });

    expect(result).toMatchObject({
      status: "partial",
      ended: { by: "error-rate" },
      response: { steps: [{ offered: 500 }] },
    });
  });
});

test("stages have the inter-token latencies of each", async () => {
  const { client } = await serveLoad();
  const stage = { profile: { kind: "constant", ratePerSec: 100 }, durationMs: 100 } as const;

  const { response } = await runLoad(client, {
    profile: { kind: "stages", stages: [stage, stage] },
    requests: [request],
  });

  expect(response?.steps).toMatchObject([
    { attempted: 10, itl: { count: 10 } },
    { attempted: 10, itl: { count: 10 } },
  ]);
});

test("after each round nothing is in flight while `onIdle` runs", async () => {
  let [running, idle] = [0, 0];
  const { client } = await serveLoad((job) => {
    running += 1;
    job.response.once("finish", () => (running -= 1));
    setImmediate(() => finishJob(job));
  });

  const result = await runLoad(client, {
    profile: { kind: "concurrency", clients: 2 },
    requests: [request],
    stop: { count: 6 },
    warmup: { count: 2 },
    rounds: 3,
    onIdle: async () => {
      await new Promise(setImmediate);
      expect(running).toBe(0);
      idle += 1;
    },
  });

  expect(idle).toBe(4);
  expect(result).toMatchObject({ plan: { rounds: 3, requestCount: 6 }, counts: { attempted: 6 } });
  expect(result.response).toBeUndefined();
});
