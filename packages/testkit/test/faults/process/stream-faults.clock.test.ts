import { encodeSseEvent, type InferenceEvent } from "inference-worker-protocol";
import { FaultLedger, parseFaults, type FaultSpec } from "worker-orcd-control";
import { afterEach, expect, test, vi } from "vitest";
import { orcd } from "../../../src/dialects/index.js";
import { ProcessFaults } from "../../../src/faults/process/process-faults.js";

/** A process that notes what is done to it. */
class RecordedProcess {
  readonly calls: string[] = [];
  isAlive = true;

  kill(signal: NodeJS.Signals): boolean {
    return this.#note(`kill ${signal}`);
  }

  pause(forMs: number | undefined): boolean {
    return this.#note(`pause ${forMs}`);
  }

  #note(call: string): boolean {
    if (this.isAlive) this.calls.push(call);
    return this.isAlive;
  }
}

const STARTED: InferenceEvent = {
  type: "started",
  job_id: "job-1",
  model: "m",
  started_at: "2024-01-01T00:00:00Z",
  seed: 1,
};
const END: InferenceEvent = { type: "end", tokens_out: 5, decode_time_ms: 1, stop_reason: "max_tokens" };
const token = (i: number): InferenceEvent => ({ type: "token", i, t: "x" });
const bytes = (...events: InferenceEvent[]) => Buffer.from(events.map(encodeSseEvent).join(""));

function arm(...faults: FaultSpec<"kill" | "pause">[]) {
  const target = new RecordedProcess();
  const ledger = new FaultLedger(0);
  ledger.arm(parseFaults(faults, "harness"));
  return { target, ledger, armed: new ProcessFaults(ledger, target) };
}

function job(jobId: string) {
  const request = { job_id: jobId };
  return { method: "POST", path: "/execute", isJob: true, dialect: orcd, jobId, request, headers: {}, body: "" };
}

afterEach(() => void vi.useRealTimers());

test("a job without faults is not observed", () => {
  expect(arm({ id: "kill", match: { jobId: "other" } }).armed.watch(job("job-1"))).toBeUndefined();
});

test("after the headers, and after the nth token, however the bytes are cut", () => {
  const { target, armed, ledger } = arm(
    { id: "pause", forMs: 5 },
    { id: "kill", at: { afterTokens: 2 }, signal: "SIGTERM" },
  );
  const watch = armed.watch(job("job-1"))!;

  watch.onHeaders(200);
  expect(target.calls).toEqual(["pause 5"]);
  const all = bytes(STARTED, token(0), token(1));
  for (const byte of all.subarray(0, -1)) watch.onChunk(Buffer.of(byte));
  expect(target.calls).toEqual(["pause 5"]);
  watch.onChunk(all.subarray(-1));
  expect(target.calls).toEqual(["pause 5", "kill SIGTERM"]);
  expect(ledger.accounts()).toMatchObject([{ fired: 1 }, { fired: 1 }]);
});

test("zero tokens is the same as after the headers", () => {
  const { target, armed } = arm({ id: "kill", at: { afterTokens: 0 } });
  armed.watch(job("job-1"))!.onHeaders(200);
  expect(target.calls).toEqual(["kill SIGKILL"]);
});

test("`ms` after the headers, unless the stream has ended", () => {
  vi.useFakeTimers();
  const { target, armed, ledger } = arm({ id: "kill", at: { afterMs: 50 } });
  const late = armed.watch(job("job-1"))!;
  late.onHeaders(200);
  late.onEnd();
  const running = armed.watch(job("job-2"))!;
  running.onHeaders(200);

  vi.advanceTimersByTime(49);
  expect(target.calls).toEqual([]);
  vi.advanceTimersByTime(1);

  expect(target.calls).toEqual(["kill SIGKILL"]);
  expect(ledger.accounts()).toMatchObject([
    { fired: 1, bypassed: { "the stream broke off, or was left, after 0 tokens": 1 } },
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ["the request got no answer", (watch: Watch) => watch.onFailed()],
  ["the request was answered 503", (watch: Watch) => watch.onHeaders(503)],
  ["the stream ended with token 5, before the fault could happen", (watch: Watch) => watch.onChunk(FIVE)],
  ["the stream broke off, or was left, after 0 tokens", (watch: Watch) => watch.onEnd()],
])("is bypassed once when %s", (reason, happen) => {
  const { target, armed, ledger } = arm({ id: "kill", at: { afterTokens: 5 } });
  const watch = armed.watch(job("job-1"))!;

  happen(watch);
  watch.onEnd();
  armed.close();

  expect(target.calls).toEqual([]);
  expect(ledger.accounts()).toMatchObject([{ matched: 1, fired: 0, bypassed: { [reason]: 1 } }]);
});

test("is bypassed if the worker is stopped first or has already ended", () => {
  const { target, armed, ledger } = arm({ id: "kill" });
  armed.watch(job("stopped"));
  armed.close();
  target.isAlive = false;
  armed.watch(job("dead"))!.onHeaders(200);

  expect(ledger.accounts()[0]!.bypassed).toEqual({
    "the stream had been read to token 0 when the worker was stopped": 1,
    "the worker had already ended": 1,
  });
});

test("an invalid event is left to the reader", () => {
  const { target, armed } = arm({ id: "kill", at: { afterTokens: 1 } });
  const watch = armed.watch(job("job-1"))!;
  watch.onHeaders(200);
  watch.onChunk(Buffer.from("data: {oops\n\ndata: null\n\n"));
  expect(target.calls).toEqual([]);
  watch.onChunk(bytes(token(0)));
  expect(target.calls).toEqual(["kill SIGKILL"]);
});

const FIVE = bytes(STARTED, ...[0, 1, 2, 3, 4].map(token), END);
type Watch = NonNullable<ReturnType<ProcessFaults["watch"]>>;
