import { expect, test } from "vitest";
import { waitFor } from "../../../../tests/support/conditions.js";
import { EngineClient } from "./engine-client.js";

const MAX_SEED = 2n ** 64n - 1n;

test("a u64 seed survives in both directions", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  const response = await engine.execute(worker, { seed: MAX_SEED });
  const [started] = await engine.call<{ seed: bigint }[]>("response.collect", { response });
  expect(started?.seed).toBe(MAX_SEED);
  expect(engine.stdout).toContain('"seed":18446744073709551615');
});

test("a stream arrives as notifications, no more than the window without an acknowledgement", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  const response = await engine.execute(worker, { maxTokens: 20 });
  const call = engine.send("response.stream", { response, window: 5 });
  const eventsOf = () => engine.answers.filter(({ method }) => method === "stream.event");
  await waitFor("the window to be full", () => (eventsOf().length === 5 ? true : undefined));
  // The job is over for the worker, and other calls are served: the engine alone holds the rest back.
  await engine.call("worker.waitForIdle", { worker });
  expect(eventsOf()).toHaveLength(5);
  engine.notify("$/ack", { call, seq: 5 });
  await waitFor("the next window", () => (eventsOf().length === 10 ? true : undefined));
  expect(eventsOf()).toHaveLength(10);
  engine.notify("$/ack", { call, seq: 1_000 });
  const { eventCount } = (await engine.answerTo(call)).result as { eventCount: number };
  expect(eventsOf().map(({ params }) => params?.seq)).toEqual(Array.from({ length: eventCount }, (_, at) => at + 1));
  const types = eventsOf().map(({ params }) => params?.event.type);
  expect(types.filter((type) => type !== "metrics")).toEqual(["started", ...Array<string>(20).fill("token"), "end"]);
});

test("a stream that no one acknowledges ends when it is cancelled, and the worker is free again", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock({ stub: { timing: { itlMs: 20 } } });
  const response = await engine.execute(worker, { maxTokens: 2_000 });
  const call = engine.send("response.stream", { response, window: 1 });
  await engine.waitFor("an event", ({ method }) => method === "stream.event");
  engine.notify("$/cancel", { id: call });
  expect((await engine.answerTo(call)).error?.data["code"]).toBe("CANCELLED");
  await engine.call("worker.waitForIdle", { worker });
});

test("a response is read once", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock();
  const response = await engine.execute(worker);
  await engine.call("response.collect", { response });
  expect((await engine.fail("response.collect", { response })).message).toContain(
    "a response that was not read before",
  );
});

test("a broken stream is an error with what arrived", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock({ stub: { faults: [{ id: "invalid-json", at: { afterTokens: 2 } }] } });
  const response = await engine.execute(worker);
  const { data } = await engine.fail("response.collect", { response });
  expect(data).toMatchObject({
    code: "INVALID_EVENT",
    isAssertion: false,
    partial: { outcome: { status: "invalid-event" } },
  });
  expect((data["partial"] as { events: unknown[] }).events).toHaveLength(3);
});

test("a stream can be cancelled while another call reads it", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock({ stub: { timing: { itlMs: 20 } } });
  const response = await engine.execute(worker, { maxTokens: 2_000 });
  const reading = engine.send("response.collect", { response });
  await engine.call("response.cancel", { response });
  expect((await engine.answerTo(reading)).result).toContainEqual(expect.objectContaining({ code: "CANCELLED" }));
});

test("a hundred jobs at once are read by a hundred calls", async () => {
  const engine = await EngineClient.start();
  const { worker } = await engine.startMock({ parallel: 8, maxQueue: 200, stub: { timing: { itlMs: 1 } } });
  const streams = Array.from({ length: 100 }, async () => {
    const response = await engine.execute(worker, { maxTokens: 5 });
    return engine.call<{ type: string }[]>("response.collect", { response });
  });
  for (const events of await Promise.all(streams)) {
    expect(events.filter(({ type }) => type === "token")).toHaveLength(5);
  }
});

test("a client that does not read answers is not asked for more, and gets all of them when it does", async () => {
  const engine = await EngineClient.start();
  engine.child.stdout.pause();
  const prompt = "x".repeat(50_000);
  const ids = Array.from({ length: 400 }, () =>
    engine.send("makeTestRequest", { testRequest: { jobId: "j", prompt, maxTokens: 1 } }),
  );
  const isAllTaken = () => (engine.child.stdin.writableLength === 0 ? true : undefined);
  await expect(waitFor("the engine to take all calls", isAllTaken, 3_000)).rejects.toThrow("Not within 3000 ms");
  engine.child.stdout.resume();
  for (const id of ids) expect((await engine.answerTo(id)).error).toBeUndefined();
});
