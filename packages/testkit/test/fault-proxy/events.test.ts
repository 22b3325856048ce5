import { connect } from "node:net";
import { makeTestRequest, WorkerTestHarness, type WorkerTestHarness as Harness } from "inference-testkit";
import { FaultProxy, type FaultSpec, type ProxyFaultId } from "inference-testkit/faults";
import { expect, onTestFinished, test } from "vitest";
import { breakOn, runJob, textOf, tokenCountOf, useStub } from "./support.js";

const SCRIPT = ["a", "b", "c", "d"];
const worker = useStub({ content: { script: SCRIPT } });

function stopLater(started: { stop(): Promise<unknown> }): void {
  onTestFinished(async () => {
    await started.stop();
  });
}

/** A proxy that speaks another dialect, in front of a stub. */
async function breakOllama(...faults: readonly FaultSpec<ProxyFaultId>[]): Promise<FaultProxy> {
  const stub = await WorkerTestHarness.startMock({ stub: { content: { script: SCRIPT } }, dialect: "ollama" });
  stopLater(stub);
  const proxy = await FaultProxy.inFrontOf(stub, { faults, dialect: "ollama" });
  stopLater(proxy);
  return proxy;
}

const lettersOf = async (proxy: FaultProxy): Promise<string> =>
  textOf((await runJob(proxy.worker, { tokens: 4 })).stream).slice(0, 4);

const post = (proxy: FaultProxy, request: object): Promise<Response> =>
  fetch(`${proxy.worker.baseUrl}/execute`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });

test.each([
  ["drop-event", "acd"],
  ["repeat-event", "abbc"],
  ["swap-events", "acbd"],
] as const)("%s edits a line of a stream of JSON lines as well", async (id, letters) => {
  expect(await lettersOf(await breakOllama({ id }))).toBe(letters);
});

test.each(["merge-events", "split-event"] as const)("%s breaks a stream of JSON lines as well", async (id) => {
  const { status } = await runJob((await breakOllama({ id })).worker, { tokens: 4 });
  expect(status).toBe("invalid-event");
});

test("swap-events is bypassed at the last token, which stays where it is", async () => {
  const proxy = await breakOn(worker(), { id: "swap-events", at: { afterTokens: 3 }, optional: true });
  const { stream } = await runJob(proxy.worker, { tokens: 4 });
  expect(textOf(stream)).toBe("abcd");
  expect(proxy.faults.accounts()).toMatchObject([{ fired: 0, bypassed: { "no second token event followed": 1 } }]);
  await proxy.stop();
});

test("buffered holds back the tokens until the body is complete", async () => {
  const hanging = await WorkerTestHarness.startMock({ stub: { faults: [{ id: "hang", at: { afterTokens: 3 } }] } });
  stopLater(hanging);
  const plain = await FaultProxy.inFrontOf(hanging);
  stopLater(plain);
  const buffered = await breakOn(hanging, { id: "buffered", optional: true });
  stopLater(buffered);
  const limits = { firstTokenMs: 1_000, tokenIdleMs: 1_000 };

  expect(tokenCountOf((await runJob(plain.worker, { jobId: "plain", ...limits })).stream)).toBe(3);
  const { status, stream } = await runJob(buffered.worker, { jobId: "buffered", ...limits });
  expect(status).toBe("limit-exceeded firstTokenMs");
  expect(tokenCountOf(stream)).toBe(0);
});

test("changed-status leaves an answer of another status alone, and keeps the body of one that it changes", async () => {
  const proxy = await breakOn(worker(), { id: "changed-status", code: 418, from: 400 });
  expect((await runJob(proxy.worker, { jobId: "good" })).status).toBe("complete");
  const refused = await post(proxy, { ...makeTestRequest("bad", "Hello", 4), temperature: 99 });
  expect(refused.status).toBe(418);
  expect(await refused.text()).toContain("temperature");
  await proxy.stop();
  expect(proxy.faults.accounts()).toMatchObject([{ fired: 1, bypassed: { "the answer had the status 200": 1 } }]);
});

test("missing-header takes any case, and is bypassed by an answer without the header", async () => {
  const proxy = await breakOn(
    worker(),
    { id: "missing-header", name: "Content-Type" },
    { id: "missing-header", name: "retry-after", optional: true },
  );
  expect((await runJob(proxy.worker)).status).toBe("INVALID_RESPONSE");
  await proxy.stop();
  expect(proxy.faults.accounts()).toMatchObject([
    { fired: 1 },
    { fired: 0, bypassed: { "the answer had no `retry-after`": 1 } },
  ]);
});

/** What arrives of a chat for a client that begins to read late. Its 300 KB are more than twice what such a client takes: 128 KiB. */
function readLate(harness: Harness, pauseMs: number): Promise<string> {
  const { hostname, port, host } = new URL(harness.baseUrl);
  const messages = [{ role: "user", content: "Hello" }];
  const body = JSON.stringify({ model: "stub", messages, stream: true, max_tokens: 2_000 });
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    `host: ${host}`,
    "content-type: application/json",
    "connection: close",
  ];
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host: hostname, port: Number(port) });
    socket.pause().setEncoding("latin1");
    // A reset that arrives together with bytes is reported as an end.
    socket.on("error", () => undefined).on("close", () => resolve(text));
    socket.on("data", (part: string) => (text += part));
    socket.write([...head, `content-length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"));
    setTimeout(() => socket.resume(), pauseMs);
  });
}

test("reset-at-close announces the close, and ends the body of a client that reads in time", async () => {
  const proxy = await breakOn(worker(), { id: "reset-at-close", ms: 60_000, optional: true });
  stopLater(proxy);
  const response = await post(proxy, makeTestRequest("quick", "Hello", 4));
  expect(response.headers.get("connection")).toBe("close");
  expect(await response.text()).toContain("event: end");
});

test("reset-at-close loses what a slow client has not read", async () => {
  const stub = await WorkerTestHarness.startMock({ dialect: "openai-chat", stub: { content: "words" } });
  stopLater(stub);
  const plain = await breakOn(stub);
  stopLater(plain);
  expect(await readLate(plain.worker, 1_000)).toContain("[DONE]");

  const proxy = await breakOn(stub, { id: "reset-at-close", ms: 20 });
  stopLater(proxy);
  const text = await readLate(proxy.worker, 3_000);
  expect(text).toContain("chat.completion.chunk");
  expect(text).not.toContain("[DONE]");
  proxy.faults.assertAllFired();
});
