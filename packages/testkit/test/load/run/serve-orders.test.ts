import { once } from "node:events";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { ItlHistogram } from "../../../src/load/metrics/itl-histogram.js";
import { serveOrders } from "../../../src/load/run/serve-orders.js";
import type { ThreadMessage, ThreadOrder } from "../../../src/load/run/thread-messages.js";
import { startOf } from "../../jobs/job-server.js";
import { finishJob, serveLoad } from "./load-server.js";

/** A client thread in this thread: the port of the caller, and everything that was posted. */
async function serve(answer = finishJob, timeouts?: { readonly firstTokenMs: number }) {
  const { client, jobs } = await serveLoad(answer);
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const posted: ThreadMessage[] = [];
  port1.on("message", (message: ThreadMessage) => posted.push(message));
  await serveOrders(port2, { baseUrl: client.baseUrl, timeouts, dialect: "orcd", model: undefined, client: 3 });
  return { port: port1, posted, jobs };
}

async function waitForMessage<T extends ThreadMessage["type"]>(port: MessagePort, type: T) {
  for (;;) {
    const [message] = (await once(port, "message", { signal: AbortSignal.timeout(20_000) })) as [ThreadMessage];
    if (message.type === type) return message as Extract<ThreadMessage, { type: T }>;
  }
}

const waitForReport = async (port: MessagePort) => (await waitForMessage(port, "done")).report;

const order = (...ids: readonly string[]): ThreadOrder => ({
  type: "phase",
  schedule: { kind: "closed", clients: 1, count: ids.length, durationMs: Infinity, first: 0, step: 1 },
  requests: new Map(ids.map((id, index) => [index, { job_id: id }])),
  startAtNs: process.hrtime.bigint() + 20_000_000n,
});

test("posts that it is ready, its progress, and a report of the phase", async () => {
  const { port, posted, jobs } = await serve();

  port.postMessage(order("a", "b"));
  const { records, itl, load } = await waitForReport(port);

  expect(jobs.map((job) => job.request["job_id"])).toEqual(["a", "b"]);
  expect(records).toMatchObject([
    { index: 0, jobId: "a", status: "ok", client: 3 },
    { index: 1, jobId: "b", status: "ok", client: 3 },
  ]);
  expect(records[0]!.schedMs).toBeGreaterThanOrEqual(0);
  expect((await ItlHistogram.decode(itl)).count).toBe(2);
  expect(load.client).toBe(3);
  expect(posted.map(({ type }) => type)).toEqual(["ready", ...posted.slice(1, -1).map(() => "progress"), "done"]);
  const progress = posted.filter((message) => message.type === "progress");
  expect(progress.reduce((sum, { sent }) => sum + sent, 0)).toBe(2);
  expect(progress.flatMap(({ ended }) => ended)).toEqual(
    records.map(({ status, firstMs, sendMs }) => ({ status, firstMs, sendMs })),
  );
});

test("posts its progress while requests run", async () => {
  const { port, jobs } = await serve((job) => job.send(startOf(job)));

  port.postMessage(order("a"));

  expect(await waitForMessage(port, "progress")).toEqual({ type: "progress", sent: 1, ended: [] });
  finishJob(jobs[0]!);
  expect((await waitForReport(port)).records).toHaveLength(1);
});

test("a cut ends requests in flight, and does not affect the next phase", async () => {
  const { port, jobs } = await serve((job) => {
    if (job.request["job_id"] === "stalls") port.postMessage({ type: "cut", reason: "enough" } satisfies ThreadOrder);
    else finishJob(job);
  });

  port.postMessage(order("stalls", "never sent"));
  const first = await waitForReport(port);
  port.postMessage(order("a"));
  const second = await waitForReport(port);

  expect(first.records).toMatchObject([{ status: "aborted" }]);
  expect(second.records).toMatchObject([{ status: "ok" }]);
  expect(jobs).toHaveLength(2);
});

test("the timeouts of the thread apply to its requests", async () => {
  const { port } = await serve((job) => job.send(startOf(job)), { firstTokenMs: 30 });

  port.postMessage(order("a"));

  expect((await waitForReport(port)).records).toMatchObject([{ status: "limit-exceeded", code: "firstTokenMs" }]);
});

test("a phase waits for the common start", async () => {
  const { port } = await serve();
  const startAtNs = process.hrtime.bigint() + 60_000_000n;

  port.postMessage({ ...order("a"), startAtNs });
  await waitForReport(port);

  expect(process.hrtime.bigint()).toBeGreaterThan(startAtNs);
});
