import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { ItlHistogram } from "../../../src/load/metrics/itl-histogram.js";
import { serveOrders } from "../../../src/load/run/serve-orders.js";
import type { ThreadMessage, ThreadOrder, ThreadSetup } from "../../../src/load/run/thread-messages.js";
import { end, token } from "../../events/support.js";
import { startOf } from "../../jobs/job-server.js";
import { finishJob, serveLoad } from "./load-server.js";

/** A client thread in this thread: the port of the caller, and everything that was posted. */
async function serve(answer = finishJob, setup: Partial<ThreadSetup> = {}) {
  const asked: string[] = [];
  const onGet = (path: string, response: ServerResponse) => {
    asked.push(path);
    response.writeHead(404).end();
  };
  const { client, jobs } = await serveLoad(answer, { onGet });
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const posted: ThreadMessage[] = [];
  port1.on("message", (message: ThreadMessage) => posted.push(message));
  const { baseUrl } = client;
  await serveOrders(port2, { baseUrl, timeouts: undefined, dialect: "orcd", model: undefined, client: 3, ...setup });
  return { port: port1, posted, jobs, asked };
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
  expect(progress.flatMap(({ ended }) => ended)).toEqual(records);
});

test("posts its progress while requests run", async () => {
  const { port, jobs, posted } = await serve((job) => job.send(startOf(job)));

  port.postMessage(order("a"));

  expect(await waitForMessage(port, "progress")).toEqual({ type: "progress", sent: 1, ended: [] });
  await expect.poll(() => jobs.length, { timeout: 20_000 }).toBe(1); // sent, and now received
  jobs[0]!.finish(token(0), token(1), end());
  expect((await waitForReport(port)).records).toHaveLength(1);
  const ended = posted.flatMap((message) => (message.type === "progress" ? message.ended : []));
  expect(ended).toMatchObject([{ status: "ok" }]);
});

test.each([
  ["orcd", "/health"],
  ["ollama", "/api/version"],
] as const)(
  "with the dialect `%s` it asks for %s once before it is ready, whatever the answer",
  async (dialect, path) => {
    const { port, asked } = await serve(finishJob, { dialect });

    await waitForMessage(port, "ready");

    expect(asked).toEqual([path]);
  },
);

test("is ready even if the server cannot be reached: its requests then fail", async () => {
  const { port } = await serve(finishJob, { baseUrl: "http://127.0.0.1:1" });

  await waitForMessage(port, "ready");
  port.postMessage(order("a"));

  expect((await waitForReport(port)).records).toMatchObject([{ status: "transport-error" }]);
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
  const { port } = await serve((job) => job.send(startOf(job)), { timeouts: { firstTokenMs: 30 } });

  port.postMessage(order("a"));

  expect((await waitForReport(port)).records).toMatchObject([{ status: "limit-exceeded", code: "firstTokenMs" }]);
});

test("a phase waits for the common start, and posts no progress without a request", async () => {
  const { port, posted } = await serve();
  const startAtNs = process.hrtime.bigint() + 90_000_000n;

  port.postMessage({ ...order("a"), startAtNs });
  await waitForReport(port);

  expect(process.hrtime.bigint()).toBeGreaterThan(startAtNs);
  const progress = posted.filter((message) => message.type === "progress");
  expect(progress.filter(({ sent, ended }) => sent === 0 && ended.length === 0)).toEqual([]);
});
