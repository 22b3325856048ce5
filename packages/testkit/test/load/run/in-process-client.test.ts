import { expect, onTestFinished, test } from "vitest";
import { ItlHistogram } from "../../../src/load/metrics/itl-histogram.js";
import type { PhaseOrder } from "../../../src/load/run/clients.js";
import { InProcessClient } from "../../../src/load/run/in-process-client.js";
import { PhaseControl } from "../../../src/load/run/phase-control.js";
import { ProgressState } from "../../../src/load/run/progress.js";
import { RequestSource, type LoadRequests } from "../../../src/load/run/request-source.js";
import { startOf } from "../../jobs/job-server.js";
import { finishJob, serveLoad } from "./load-server.js";

function order(
  count: number,
  { requests = [{ job_id: "job" }] as LoadRequests, errorRate = Infinity } = {},
): PhaseOrder {
  const progress = new ProgressState("measure", count, { report: () => undefined, record: () => undefined });
  const stop = { count, durationMs: Infinity, errorRate };
  const control = new PhaseControl({ stop, stallTimeoutMs: 60_000, signal: undefined }, progress);
  onTestFinished(() => {
    try {
      control.close();
    } catch {
      // The failure that the test caused.
    }
  });
  const source = new RequestSource(requests, { seed: 0n, phase: "measure" });
  return { schedule: { kind: "closed", clients: 1, count, durationMs: Infinity }, source, control, progress };
}

test("sends the whole schedule, and reports its records, its latencies and its own load", async () => {
  const { client, jobs } = await serveLoad();
  const phase = order(3);
  await using clients = new InProcessClient(client, undefined);

  const [report, ...others] = await clients.run(phase);

  expect(others).toEqual([]);
  expect(jobs.map((job) => job.request["job_id"])).toEqual(["job", "job~1", "job~2"]);
  expect(report!.records).toMatchObject([0, 1, 2].map((index) => ({ index, status: "ok", client: 0 })));
  expect((await ItlHistogram.decode(report!.itl)).count).toBe(3);
  expect(report!.load.client).toBe(0);
  expect([phase.progress.running, phase.progress.done, phase.progress.failed]).toEqual([0, 3, 0]);
});

test("counts a request as running while it is in flight", async () => {
  const phase = order(1);
  const runningAt: number[] = [];
  const { client } = await serveLoad((job) => {
    runningAt.push(phase.progress.running);
    finishJob(job);
  });

  await new InProcessClient(client, undefined).run(phase);

  expect(runningAt).toEqual([1]);
});

test("is ended by the error rate", async () => {
  const { client } = await serveLoad(({ response }) => response.writeHead(503).end());
  const phase = order(100, { errorRate: 0.5 });

  const [report] = await new InProcessClient(client, undefined).run(phase);

  expect(phase.control.ended?.by).toBe("error-rate");
  expect(report!.records).toHaveLength(20);
});

test("is ended by `requests` that throws", async () => {
  const { client } = await serveLoad();
  const requests = (index: number) => {
    if (index === 1) throw new Error("no prompt left");
    return { job_id: "job" };
  };
  const phase = order(3, { requests });

  const [report] = await new InProcessClient(client, undefined).run(phase);

  expect(report!.records).toHaveLength(1);
  expect(() => phase.control.close()).toThrow("no prompt left");
});

test("cuts off a request in flight when the phase is cut short", async () => {
  const phase = order(3);
  const { client } = await serveLoad(() => phase.control.end("stall", "enough"));

  const [report] = await new InProcessClient(client, undefined).run(phase);

  expect(report!.records).toMatchObject([{ status: "aborted" }]);
});

test("closing it leaves the target open, which belongs to the caller", async () => {
  const { client } = await serveLoad();

  await expect(new InProcessClient(client, undefined)[Symbol.asyncDispose]()).resolves.toBeUndefined();
  const [report] = await new InProcessClient(client, undefined).run(order(1));

  expect(report!.records).toMatchObject([{ status: "ok" }]);
});

test("applies the timeouts of the run to each request", async () => {
  const { client } = await serveLoad((job) => job.send(startOf(job)));

  const [report] = await new InProcessClient(client, { firstTokenMs: 30 }).run(order(1));

  expect(report!.records).toMatchObject([{ status: "limit-exceeded", code: "firstTokenMs" }]);
});
