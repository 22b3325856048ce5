import type { FaultSpec } from "worker-orcd-control";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PayloadFaultId } from "../../src/faults/payload-edits.js";
import { Control } from "../support/control.js";
import { execute, job, post } from "../support/requests.js";
import { startSharedWorker, stub, type WorkerProcess } from "../support/worker-process.js";

let worker: WorkerProcess;
let control: Control;

beforeAll(async () => {
  worker = await startSharedWorker(["--parallel", "4", ...stub({ content: "counter" })]);
  control = new Control(worker);
});
afterAll(() => worker.stop());
beforeEach(() => control.disarm());

/** The frames of a text, short: `token 0 "0 "`, `started a`, `end 3`; others as they are. */
function describeFrames(text: string): string[] {
  return text
    .split("\n\n")
    .filter((frame) => frame !== "" && !frame.startsWith("event: metrics"))
    .map((frame) => {
      const data = frame.slice(frame.indexOf("data: ") + 6);
      const short = /^\{.*\}$/.test(data) ? describeEvent(JSON.parse(data) as SentEvent) : data;
      return short;
    });
}

type SentEvent = Readonly<Partial<Record<"type" | "i" | "t" | "job_id" | "tokens_out" | "code", string | number>>>;

function describeEvent({ type, i, t, job_id, tokens_out, code }: SentEvent): string {
  if (type === "token") return `${i ?? "?"}:${t === undefined ? "?" : String(t).trim()}`;
  return [type, job_id ?? tokens_out ?? code].join(" ").trim();
}

interface Case {
  readonly fault: { readonly at?: { readonly afterTokens: number } };
  readonly sees: readonly string[];
}

/** A job of three tokens, `0 `, `1 ` and `2 `. */
const CASES: Readonly<Record<Exclude<PayloadFaultId, "cross-talk">, Case>> = {
  "invalid-json": { fault: {}, sees: ["started j", "0:0", "this is not JSON", "2:2", "end 3"] },
  "truncated-json": {
    fault: { at: { afterTokens: 0 } },
    sees: ["started j", '{"type":"token"', "1:1", "2:2", "end 3"],
  },
  "unknown-type": { fault: {}, sees: ["started j", "0:0", "surprise", "1:1", "2:2", "end 3"] },
  "missing-field": { fault: {}, sees: ["started j", "0:0", "1:?", "2:2", "end 3"] },
  "index-gap": { fault: {}, sees: ["started j", "0:0", "2:1", "3:2", "end 3"] },
  "index-repeat": { fault: {}, sees: ["started j", "0:0", "1:1", "1:2", "end 3"] },
  "swap-tokens": { fault: {}, sees: ["started j", "0:0", "2:2", "1:1", "end 3"] },
  "drop-token": { fault: {}, sees: ["started j", "0:0", "2:2", "end 3"] },
  "duplicate-token": { fault: {}, sees: ["started j", "0:0", "1:1", "1:1", "2:2", "end 3"] },
  "wrong-job-id": { fault: {}, sees: ["started another-job", "0:0", "1:1", "2:2", "end 3"] },
  "two-terminals": { fault: {}, sees: ["started j", "0:0", "1:1", "2:2", "end 3", "end 3"] },
  "data-after-end": { fault: {}, sees: ["started j", "0:0", "1:1", "2:2", "end 3", "3:late"] },
  "wrong-tokens-out": { fault: {}, sees: ["started j", "0:0", "1:1", "2:2", "end 2"] },
  "late-started": { fault: {}, sees: ["0:0", "started j", "1:1", "2:2", "end 3"] },
  "fake-streaming": { fault: {}, sees: ["started j", "0:0", "1:1", "2:2", "end 3"] },
};

test.each(Object.entries(CASES))("%s", async (id, { fault, sees }) => {
  const [key = ""] = await control.arm({ ...fault, id, times: 1 } as FaultSpec<PayloadFaultId>);
  const broken = await execute(worker, { job_id: "j", max_tokens: 3 });
  expect(describeFrames(await broken.text())).toEqual(sees);
  expect(await control.account(key)).toMatchObject({ matched: 1, fired: 1, bypassed: {} });
  expect(worker.linesOf("fault_fired")).toContainEqual({ event: "fault_fired", fault: key, job_id: "j" });
  const next = await execute(worker, { job_id: "j", max_tokens: 3 });
  expect(describeFrames(await next.text())).toEqual(["started j", "0:0", "1:1", "2:2", "end 3"]);
});

test("fake-streaming sends all tokens at once, when the last one is due", async () => {
  await control.configure({ content: "counter", timing: { itlMs: 100 } });
  await control.arm({ id: "fake-streaming" });
  await (await execute(worker, { job_id: "fake", max_tokens: 4 })).text();
  await control.configure({ content: "counter" });
  const entries = (await control.journal("fake")).jobs[0]!.entries;
  const tokens = entries.filter(({ event }) => event === "token");
  const started = entries.find(({ event }) => event === "started")!;
  expect(tokens).toHaveLength(4);
  expect(tokens[0]!.at_ms - started.at_ms).toBeGreaterThan(290);
  expect(tokens[3]!.at_ms - tokens[0]!.at_ms).toBeLessThan(200);
});

describe("cross-talk", () => {
  test("uses the text that another running job has just sent", async () => {
    const [key = ""] = await control.arm({ id: "cross-talk", match: { jobId: "victim" } });
    await control.configure({ content: { script: ["a", "x", "never"] }, timing: { itlMs: [1, 3_600_000] } });
    const other = await execute(worker, { job_id: "other", max_tokens: 5 });
    const reader = other.body!.getReader();
    let text = "";
    while (!text.includes('"t":"x"')) text += new TextDecoder().decode((await reader.read()).value as Uint8Array);
    await control.configure({ content: "counter" });
    const broken = await execute(worker, { job_id: "victim", max_tokens: 3 });
    expect(describeFrames(await broken.text())).toEqual(["started victim", "0:0", "1:x", "2:2", "end 3"]);
    expect(await control.account(key)).toMatchObject({ matched: 1, fired: 1, bypassed: {} });
    await post(`${worker.url}/cancel/other`, {});
    await reader.cancel();
  });

  test("is bypassed by a job that runs alone", async () => {
    const [key = ""] = await control.arm({ id: "cross-talk" });
    await (await execute(worker, { max_tokens: 3 })).text();
    expect(await control.account(key)).toMatchObject({ fired: 0, bypassed: { "no other job was running": 1 } });
  });
});

test.each<[string, FaultSpec<PayloadFaultId>, string]>([
  [
    "a later token",
    { id: "invalid-json", at: { afterTokens: 9 } },
    "the job ended with max_tokens after 3 tokens, before token 9",
  ],
  ["the last token", { id: "swap-tokens", at: { afterTokens: 2 } }, "the token was the last one"],
  [
    "the index after the last",
    { id: "index-repeat", at: { afterTokens: 2 } },
    "the job ended with max_tokens after 3 tokens, before token 2",
  ],
])("%s cannot be broken, and the record has the reason", async (_name, fault, reason) => {
  const [key = ""] = await control.arm(fault);
  const response = await execute(worker, { job_id: "j", max_tokens: 3 });
  expect(describeFrames(await response.text())).toEqual(["started j", "0:0", "1:1", "2:2", "end 3"]);
  expect(await control.account(key)).toMatchObject({ matched: 1, fired: 0, bypassed: { [reason]: 1 } });
});

test("a failed job has no `end` to break and no token to hold back", async () => {
  const keys = await control.arm(
    { id: "vram-oom" },
    { id: "two-terminals" },
    { id: "late-started" },
    { id: "fake-streaming" },
  );
  const response = await execute(worker, { job_id: "j", max_tokens: 3 });
  expect(describeFrames(await response.text())).toEqual(["started j", "error VRAM_OOM"]);
  const [oom = "", ...others] = keys;
  expect(await control.account(oom)).toMatchObject({ fired: 1 });
  for (const key of others) {
    const bypassed = { [`an earlier fault (${oom}) ended the job`]: 1 };
    expect(await control.account(key)).toMatchObject({ fired: 0, bypassed });
  }
});

test("several faults in one job all take effect", async () => {
  await control.arm({ id: "index-gap" }, { id: "duplicate-token", at: { afterTokens: 2 } }, { id: "two-terminals" });
  const response = await execute(worker, { job_id: "j", max_tokens: 3 });
  const sees = ["started j", "0:0", "2:1", "3:2", "3:2", "end 3", "end 3"];
  expect(describeFrames(await response.text())).toEqual(sees);
});

test("a job keeps the faults it was accepted with", async () => {
  await control.configure({ content: "counter", timing: { ttftMs: 200 } });
  await control.arm({ id: "two-terminals" });
  const response = await execute(worker, { ...job(), job_id: "j", max_tokens: 1 });
  await control.disarm();
  await control.configure({ content: { script: ["new"] } });
  expect(describeFrames(await response.text())).toEqual(["started j", "0:0", "end 1", "end 1"]);
  await control.configure({ content: "counter" });
});
