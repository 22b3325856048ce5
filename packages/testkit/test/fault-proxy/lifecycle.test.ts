import { streamEvents, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { FaultProxy } from "inference-testkit/faults";
import { expect, test } from "vitest";
import { rejectionOf, waitFor } from "../../../../tests/support/conditions.js";
import { foreignWorker } from "../../../../tests/support/foreign.js";
import { askRaw, rawExecute } from "./servers.js";
import { breakOn, runJob, textOf, tokenCountOf, useStub } from "./support.js";

const worker = useStub({ content: "counter", timing: { itlMs: 5 } });
/** A stream of a second: long enough to act while it runs, on a busy machine too. */
const slow = useStub({ content: "counter", timing: { itlMs: 100 } });

test("arming and disarming do not affect a running stream", async () => {
  await using proxy = await breakOn(worker(), { id: "rst", at: { afterTokens: 20 } });
  const read = async (jobId: string, afterFirst: () => void): Promise<number> => {
    let tokens = 0;
    for await (const { type } of streamEvents(await proxy.worker.execute(makeTestRequest(jobId, "Hi", 30)))) {
      if (type === "token" && ++tokens === 1) afterFirst();
    }
    return tokens;
  };
  const cut = rejectionOf(read("chosen", () => proxy.faults.clear()));
  expect((await cut).message).toContain("STREAM_TRANSPORT");
  const arm = () => void proxy.faults.arm([{ id: "fin", at: { afterTokens: 2 } }]);
  expect(await read("free", arm)).toBe(30);
  expect(await rejectionOf(read("next", () => undefined))).toMatchObject({ code: "STREAM_TRANSPORT" });
});

test("stop() ends running and stalled streams, and returns the same promise twice", async () => {
  const proxy = await breakOn(worker(), { id: "stall", at: { afterTokens: 1 }, match: { jobId: "stalls" } });
  const runs = runJob(proxy.worker, { jobId: "runs", tokens: 2_000 });
  const stalls = runJob(proxy.worker, { jobId: "stalls", tokens: 2_000 });
  await waitFor("the stall", () => proxy.faults.accounts()[0]!.fired || undefined);
  const stopped = proxy.stop();

  expect(proxy.stop()).toBe(stopped);
  await stopped;
  for (const job of [await runs, await stalls]) expect(["transport-error", "aborted"]).toContain(job.status);
  expect((await worker().health()).status).toBe("healthy");
});

test("leaving the scope stops it, and the worker keeps running", async () => {
  let port: number;
  {
    await using proxy = await FaultProxy.inFrontOf(worker().baseUrl);
    port = proxy.port;
    expect(proxy.worker.workerId).toBe(worker().workerId);
    expect(proxy.baseUrl).toBe(`http://127.0.0.1:${port}`);
  }

  await expect(WorkerTestHarness.attach(`http://127.0.0.1:${port}`)).rejects.toThrow("connection refused");
  expect((await worker().health()).status).toBe("healthy");
});

test("refuse closes the port until it is disarmed, then reopens the same port", async () => {
  await using proxy = await FaultProxy.inFrontOf(worker());
  const { port } = proxy;
  const attach = async () => (await WorkerTestHarness.attach(`http://127.0.0.1:${port}`)).stop();
  await attach();

  const keys = proxy.faults.arm([{ id: "refuse" }]);
  await expect(attach()).rejects.toThrow("ECONNREFUSED");
  expect(proxy.faults.accounts()).toMatchObject([{ key: "refuse#1", fired: 1 }]);
  proxy.faults.disarm(keys);
  await attach();
  expect((await runJob(proxy.worker)).status).toBe("complete");
});

test("refuse ends by itself after forMs", async () => {
  await using proxy = await breakOn(worker(), { id: "refuse", forMs: 1_000 });

  expect((await runJob(proxy.worker)).status).toBe("CONNECT_FAILED");
  await waitFor("the port is open again", async () => (await runJob(proxy.worker)).status === "complete" || undefined);
});

test("refuse lets a running stream finish and accepts no other request on its connection", async () => {
  await using proxy = await FaultProxy.inFrontOf(slow());
  const running = askRaw(proxy.port, rawExecute("running", ""), rawExecute("kept", ""));
  await waitFor("the stream", () => proxy.journal.ofJob("running").find(({ kind }) => kind === "write"));
  proxy.faults.arm([{ id: "refuse" }]);
  const answer = await running;

  expect(answer.text).toContain("event: end");
  expect(answer.text).toMatch(/0\r\n\r\n$/);
  expect(proxy.journal.ofJob("kept")).toEqual([]);
});

test("two refusals end when both have ended", async () => {
  await using proxy = await FaultProxy.inFrontOf(worker());
  const first = proxy.faults.arm([{ id: "refuse" }]);
  proxy.faults.arm([{ id: "refuse" }]);
  proxy.faults.disarm(first);
  expect((await runJob(proxy.worker)).status).toBe("CONNECT_FAILED");

  proxy.faults.clear();
  expect((await runJob(proxy.worker)).status).toBe("complete");
});

test.each(["accept-then-hang", "accept-then-fin", "accept-then-rst", "garbage"] as const)(
  "%s on a new connection happens before any request reaches the worker",
  async (id) => {
    await using proxy = await breakOn(worker(), { id });
    const asking = askRaw(proxy.port, rawExecute("never"));
    await waitFor("it happened", () => proxy.faults.accounts()[0]!.fired || undefined);
    if (id === "accept-then-hang") await proxy.stop();
    const { text, endedBy } = await asking;

    expect(text).toBe(id === "garbage" ? "\u0000\u0001 this is not HTTP\r\n" : "");
    // What ends a hanging connection here is stop(), with a FIN or, if the request is still unread, a reset.
    if (id !== "accept-then-hang") expect(endedBy).toBe(id === "accept-then-rst" ? "ECONNRESET" : "FIN");
    expect(proxy.journal.ofJob("never")).toEqual([]);
  },
);

test("any program can be behind it", async () => {
  await using foreign = await WorkerTestHarness.launch(foreignWorker());
  await using proxy = await breakOn(foreign, { id: "rst", at: { afterTokens: 1 }, when: { nth: 2 } });
  const run = (prompt: string) => proxy.worker.execute({ job_id: "job-1", prompt });
  const collect = async (prompt: string) => (await run(prompt)).text();

  expect(await collect("complete")).toContain("event: end");
  await expect(collect("byte-by-byte")).rejects.toThrow("INVALID_RESPONSE");
  expect(await collect("byte-by-byte")).toContain("日本🎉");
  await foreign.stop();
});

test("a worker that crashes in the middle of a stream breaks the client's connection", async () => {
  await using foreign = await WorkerTestHarness.launch(foreignWorker());
  foreign.kill("SIGCONT"); // its end is expected
  await using proxy = await FaultProxy.inFrontOf(foreign);
  const response = await proxy.worker.execute({ job_id: "job-1", prompt: "dies-mid-stream" });

  expect((await rejectionOf(response.text())).message).toContain("INVALID_RESPONSE");
  expect((await rejectionOf(proxy.worker.health())).message).toContain("CONNECT_FAILED");
});

test("200 concurrent streams each break at their own token", async () => {
  await using busy = await WorkerTestHarness.startMock({ parallel: 200, stub: { content: "counter" } });
  await using proxy = await FaultProxy.inFrontOf(busy, {
    faults: [
      { id: "clean-end", at: { afterTokens: 3 }, match: { jobId: "*-cut" } },
      { id: "fin", at: { afterTokens: 5 }, match: { jobId: "*-fin" } },
    ],
  });
  const names = ["whole", "cut", "fin", "more"];
  const jobs = Array.from({ length: 200 }, (_, index) => `job-${index}-${names[index % 4]}`);
  const results = await Promise.all(jobs.map((jobId) => runJob(proxy.worker, { jobId, tokens: 8 })));

  const wanted = { whole: [8, "complete"], cut: [3, "truncated"], fin: [5, "transport-error"], more: [8, "complete"] };
  for (const [index, { stream, status }] of results.entries()) {
    expect([tokenCountOf(stream), status]).toEqual(wanted[names[index % 4] as keyof typeof wanted]);
  }
  expect(new Set(results.map(({ stream }) => textOf(stream))).size).toBeGreaterThanOrEqual(3);
  expect(proxy.faults.accounts().map(({ fired }) => fired)).toEqual([50, 50]);
});

test("the journal has what each client was sent, and when", async () => {
  await using proxy = await breakOn(worker(), { id: "fin", at: { afterTokens: 2 } });
  const { stream } = await runJob(proxy.worker, { jobId: "noted" });
  const entries = proxy.journal.ofJob("noted");
  const writes = entries.filter((entry) => entry.kind === "write");

  expect(entries.map(({ kind }) => kind)).toEqual([
    "request",
    "headers",
    ...writes.map(() => "write"),
    "fired",
    "ended",
  ]);
  expect(writes.flatMap(({ events }) => events)).toEqual(["started", "token", "token"]);
  expect(writes.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(stream!.bytes);
  expect(entries.at(-2)).toMatchObject({ key: "fin#1" });
  expect(entries.at(-1)).toMatchObject({ how: "closed" });
  expect(entries.map(({ atMs }) => atMs)).toEqual(entries.map(({ atMs }) => atMs).sort((a, b) => a - b));
  expect(proxy.journal.ofJob("nobody")).toEqual([]);
});
