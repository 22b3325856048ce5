import type { InferenceEvent } from "inference-worker-protocol";
import type { FaultSpec } from "worker-orcd-control";
import { expect, onTestFinished, test } from "vitest";
import type { GenerationFaultId } from "../../src/engine/stub/index.js";
import type { BEHAVIOR_FAULTS } from "../../src/faults/stub-job.js";
import { Control } from "../support/control.js";
import { execute, health, post, readEvents, StreamReader, typesOf, waitForSlots } from "../support/requests.js";
import { startWorker, stub, type WorkerProcess } from "../support/worker-process.js";
import { waitFor } from "../support/wait-for.js";

interface Setting {
  readonly worker: WorkerProcess;
  readonly control: Control;
}

async function start(config: Record<string, unknown> = {}, flags: readonly string[] = []): Promise<Setting> {
  const worker = await startWorker([...flags, ...stub({ content: "counter", ...config })]);
  return { worker, control: new Control(worker) };
}

async function run(worker: WorkerProcess, fields: Record<string, unknown> = {}): Promise<InferenceEvent[]> {
  return readEvents(await execute(worker, { max_tokens: 3, ...fields }));
}

const textOf = (events: readonly InferenceEvent[]) =>
  events.map((event) => (event.type === "token" ? event.t : "")).join("");

/** One token a millisecond, without end. */
const ENDLESS = { timing: { itlMs: 1 } };

type Check = (setting: Setting) => Promise<void>;
type EngineFaultId = GenerationFaultId | (typeof BEHAVIOR_FAULTS)[number];

async function failsWith(setting: Setting, fault: FaultSpec<"vram-oom" | "cuda-error" | "inference-failed">) {
  const [key = ""] = await setting.control.arm({ ...fault, at: { afterTokens: 2 }, times: 1 });
  const events = await run(setting.worker);
  expect(typesOf(events)).toEqual(["started", "token", "token", "error"]);
  const { fired, bypassed } = await setting.control.account(key);
  expect({ fired, bypassed }).toEqual({ fired: 1, bypassed: {} });
  expect(typesOf(await run(setting.worker)).at(-1)).toBe("end");
  return events.at(-1);
}

const CHECKS: Readonly<Record<EngineFaultId, Check>> = {
  "vram-oom": async (setting) => {
    const error = await failsWith(setting, { id: "vram-oom" });
    const message = "out of device memory after token 2 (stub fault)";
    expect(error).toEqual({ type: "error", code: "VRAM_OOM", message, retriable: true });
  },
  "cuda-error": async (setting) => {
    expect(await failsWith(setting, { id: "cuda-error" })).toMatchObject({ code: "CUDA_ERROR", retriable: false });
  },
  "inference-failed": async (setting) => {
    expect(await failsWith(setting, { id: "inference-failed" })).toMatchObject({ code: "INFERENCE_FAILED" });
  },
  lies: async ({ worker, control }) => {
    const [key = ""] = await control.arm({ id: "lies" });
    expect((await run(worker)).at(-1)).toMatchObject({ type: "error", code: "INFERENCE_FAILED" });
    expect(await health(worker)).toMatchObject({ status: "healthy" });
    expect(await control.account(key)).toMatchObject({ fired: 1 });
  },
  hang: async ({ worker, control }) => {
    const [key = ""] = await control.arm({ id: "hang", at: { afterTokens: 1 } });
    const reader = new StreamReader(await execute(worker, { job_id: "j" }));
    await control.waitForFired(key);
    expect(typesOf(reader.events)).toEqual(["started", "token"]);
    await post(`${worker.url}/cancel/j`, {});
    await reader.ended;
    expect(reader.events.at(-1)).toMatchObject({ code: "CANCELLED" });
  },
  slow: async ({ worker, control }) => {
    const [key = ""] = await control.arm({ id: "slow", itlMs: 60, at: { afterTokens: 1 } });
    expect(typesOf(await run(worker, { job_id: "j" })).at(-1)).toBe("end");
    const { entries } = (await control.journal("j")).jobs[0]!;
    const start = entries.find(({ event }) => event === "started")!.at_ms;
    const times = entries.filter(({ event }) => event === "token").map(({ at_ms }) => at_ms - start);
    // On the schedule of the job; `started` itself may be sent a little late.
    expect(times[1]).toBeGreaterThan(30);
    expect(times[2]).toBeGreaterThan(90);
    expect(await control.account(key)).toMatchObject({ fired: 1 });
  },
  exit: async ({ worker, control }) => {
    await control.arm({ id: "exit", code: 7, at: { afterTokens: 2 } });
    const reader = new StreamReader(await execute(worker, { job_id: "j" }));
    await expect(reader.ended).rejects.toThrow();
    expect(await worker.exited).toEqual({ code: 7, signal: null });
    expect(worker.line("fault_fired")).toEqual({ event: "fault_fired", fault: "exit#1", job_id: "j" });
  },
  "never-stops": async ({ worker, control }) => {
    const [key = ""] = await control.arm({ id: "never-stops" });
    await control.configure({ content: { script: ["a", "b"] }, outputTokens: 2 });
    const reader = new StreamReader(await execute(worker, { job_id: "j", max_tokens: 3 }));
    await reader.waitForTokens(10);
    expect(textOf(reader.events).slice(0, 10)).toBe("ababababab");
    await post(`${worker.url}/cancel/j`, {});
    await reader.ended;
    expect(await control.account(key)).toMatchObject({ fired: 1 });
  },
  "memory-leak": async ({ worker, control }) => {
    const before = (await health(worker))["vram_bytes"] as number;
    const [key = ""] = await control.arm({ id: "memory-leak", bytes: 1000, when: { first: 2 } });
    for (const _ of [1, 2, 3]) await run(worker);
    expect((await health(worker))["vram_bytes"]).toBe(before + 2000);
    expect(await control.account(key)).toMatchObject({ matched: 2, fired: 2, skipped: 1 });
  },
  nondeterministic: async ({ worker, control }) => {
    const [key = ""] = await control.arm({ id: "nondeterministic" });
    for (const content of ["words", "unicode"] as const) {
      await control.configure({ content });
      const [a, b] = [await run(worker, { max_tokens: 20 }), await run(worker, { max_tokens: 20 })];
      expect(textOf(a)).not.toBe(textOf(b));
    }
    const fields = { prompt: "JSON please", max_tokens: 20 };
    await control.configure({});
    expect(textOf(await run(worker, fields))).not.toBe(textOf(await run(worker, fields)));
    await control.configure({ content: "counter" });
    await run(worker);
    const bypassed = { "the content is the same for every request": 1 };
    expect(await control.account(key)).toMatchObject({ fired: 6, bypassed });
  },
  "ignores-stop": async ({ worker, control }) => {
    const [key = ""] = await control.arm({ id: "ignores-stop" });
    const events = await run(worker, { stop: ["1 "], max_tokens: 4 });
    expect(textOf(events)).toBe("0 1 2 3 ");
    expect(events.at(-1)).toMatchObject({ stop_reason: "max_tokens" });
    await run(worker, { stop: ["x"] });
    expect(await control.account(key)).toMatchObject({ fired: 1, bypassed: { "no stop sequence occurred": 1 } });
  },
  "ignores-cancel": async ({ worker, control }) => {
    const [key = ""] = await control.arm({ id: "ignores-cancel" });
    await control.configure({ content: "counter", timing: { ttftMs: 100 } });
    const reader = new StreamReader(await execute(worker, { job_id: "j", max_tokens: 2 }));
    const answer = await post(`${worker.url}/cancel/j`, {});
    expect([answer.status, await answer.json()]).toEqual([202, { job_id: "j", state: "cancelling" }]);
    await reader.ended;
    expect(typesOf(reader.events)).toEqual(["started", "token", "token", "end"]);
    await run(worker);
    expect(await control.account(key)).toMatchObject({ fired: 1, bypassed: { "the job was not cancelled": 1 } });
  },
  "ignores-disconnect": async ({ worker, control }) => {
    const [key = ""] = await control.arm({ id: "ignores-disconnect", times: 1 });
    await control.configure(ENDLESS);
    const leaving = new AbortController();
    const response = await execute(worker, { max_tokens: 1000 }, { signal: leaving.signal });
    const reader = response.body!.getReader();
    await reader.read();
    leaving.abort();
    await reader.read().catch(() => undefined);
    await control.waitForFired(key);
    expect((await health(worker)).slots.busy).toBe(1);
    await waitForSlots(worker, 0);
    const end = worker.linesOf("execute_end")[0];
    expect(end).toMatchObject({ outcome: "completed", tokens_out: 1000 });
  },
  "slot-leak": async ({ worker, control }) => {
    const [key = ""] = await control.arm({ id: "slot-leak", times: 1 });
    expect(typesOf(await run(worker)).at(-1)).toBe("end");
    expect((await health(worker)).slots).toEqual({ total: 2, busy: 1, queued: 0 });
    await run(worker);
    expect((await health(worker)).slots).toEqual({ total: 2, busy: 1, queued: 0 });
    expect(await control.account(key)).toMatchObject({ matched: 1, fired: 1 });
  },
};

test.each(Object.entries(CHECKS))("%s", async (_id, check) => {
  await check(await start({}, ["--parallel", "2"]));
});

test("by time: the fault happens between two tokens, even while the job hangs", async () => {
  const { worker, control } = await start({ timing: { itlMs: [1, 3_600_000] } });
  const [hang = "", failure = "", late = ""] = await control.arm(
    { id: "hang", at: { afterMs: 5 } },
    { id: "inference-failed", at: { afterMs: 60 } },
    { id: "vram-oom", at: { afterMs: 5000 } },
  );
  const events = await run(worker);
  expect(events.at(-1)).toMatchObject({ code: "INFERENCE_FAILED", message: "engine failure after 60 ms (stub fault)" });
  expect(await control.account(hang)).toMatchObject({ fired: 1 });
  expect(await control.account(failure)).toMatchObject({ fired: 1 });
  const reason = `an earlier fault (${hang}) ended the job`;
  expect(await control.account(late)).toMatchObject({ fired: 0, bypassed: { [reason]: 1 } });
});

test.each<[FaultSpec<EngineFaultId>, string]>([
  [{ id: "vram-oom", at: { afterTokens: 10 } }, "the job ended with max_tokens after 3 tokens, before token 10"],
  [{ id: "exit", at: { afterMs: 60_000 } }, "the job ended with max_tokens after 3 tokens, before 60000 ms"],
  [{ id: "never-stops" }, "the job ended with stop_sequence after 2 tokens"],
  [{ id: "ignores-disconnect" }, "the client stayed until the end"],
  [{ id: "ignores-cancel" }, "the job was not cancelled"],
])("%o that cannot happen is bypassed with the reason", async (fault, reason) => {
  const { worker, control } = await start();
  const [key = ""] = await control.arm(fault);
  await run(worker, fault.id === "never-stops" ? { stop: ["1 "] } : {});
  expect(await control.account(key)).toMatchObject({ matched: 1, fired: 0, bypassed: { [reason]: 1 } });
});

test("a client that leaves bypasses pending faults", async () => {
  const { worker, control } = await start(ENDLESS);
  const [key = ""] = await control.arm({ id: "vram-oom", at: { afterTokens: 2000 } });
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const response = await execute(worker, { max_tokens: 2048 }, { signal: leaving.signal });
  await response.body!.getReader().read();
  leaving.abort();
  await waitFor(
    "the accounts to be settled",
    async () => Object.keys((await control.account(key)).bypassed).length > 0,
  );
  const [reason] = Object.keys((await control.account(key)).bypassed);
  expect(reason).toMatch(/^the job lost its client after \d+ tokens?, before token 2000$/);
});

test("a leaked slot does not prevent the worker from stopping", async () => {
  const { worker, control } = await start();
  await control.arm({ id: "slot-leak" });
  await run(worker);
  worker.signal("SIGTERM");
  expect(await worker.exited).toEqual({ code: 0, signal: null });
});

test("a job that ignores its cancellation is ended by the shutdown", async () => {
  const { worker, control } = await start(ENDLESS, ["--shutdown-grace-sec", "0.1"]);
  await control.arm({ id: "ignores-cancel" });
  const reader = new StreamReader(await execute(worker, { job_id: "j", max_tokens: 2048 }));
  await post(`${worker.url}/cancel/j`, {});
  worker.signal("SIGTERM");
  await reader.ended;
  expect(reader.events.at(-1)).toMatchObject({ type: "error", code: "CANCELLED" });
  expect(await worker.exited).toEqual({ code: 0, signal: null });
});

test("jobs are selected by number, by name, or with a probability that depends only on the job", async () => {
  const { worker, control } = await start({ seed: 5 });
  const faults: FaultSpec<"two-terminals">[] = [
    { id: "two-terminals", when: { nth: 2 } },
    { id: "two-terminals", match: { jobId: "b*" } },
    { id: "two-terminals", when: { p: 0.5 } },
  ];
  const keys = await control.arm(...faults);
  for (let round = 0; round < 20; round++)
    await (await execute(worker, { job_id: round === 3 ? "bob" : `a${round}` })).text();
  const [nth, named, random] = await Promise.all(keys.map((key) => control.account(key)));
  expect(nth).toMatchObject({ matched: 1, fired: 1, skipped: 19 });
  expect(named).toMatchObject({ matched: 1, fired: 1, skipped: 0 });
  expect(random!.fired).toBeGreaterThan(2);
  expect(random!.fired + random!.skipped).toBe(20);
  const again = await start({ seed: 5 });
  const [key = ""] = (await again.control.arm(...faults)).slice(2);
  for (let round = 0; round < 20; round++)
    await (await execute(again.worker, { job_id: round === 3 ? "bob" : `a${round}` })).text();
  expect((await again.control.account(key)).fired).toBe(random!.fired);
});
