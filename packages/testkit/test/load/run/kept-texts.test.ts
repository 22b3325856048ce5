import { expect, test } from "vitest";
import { makeTestRequest, WorkerTestHarness } from "../../../src/index.js";
import { runLoad } from "../../../src/load/index.js";
import type { JobOutcome } from "../../../src/jobs/index.js";
import { joinTexts, KEPT_LENGTHS, TextKeeper } from "../../../src/load/run/kept-texts.js";

const outcome = (status: "ok" | "truncated", text: string): JobOutcome => {
  const events = [{ type: "token", t: text, i: 0 }];
  return { status, stream: { events, arrivals: [15] } } as unknown as JobOutcome;
};
const at = (index: number) => ({ index, startAtMs: 10 });

test("keeps the prompt, the output and when it arrived, and says how much was cut", () => {
  const keeper = new TextKeeper(1_000_000);
  keeper.keep({ job_id: "a", prompt: "x".repeat(9_000) }, outcome("ok", "y".repeat(20_000)), at(3));

  const [kept] = keeper.texts.requests;
  expect(kept).toMatchObject({ index: 3, promptCutLength: 1_000, outputCutLength: 4_000, contentAtMs: [5] });
  expect([kept!.prompt.length, kept!.output.length]).toEqual([KEPT_LENGTHS.prompt, KEPT_LENGTHS.output]);
});

test("requests that are ok use half of the whole, so that a later failure still has room", () => {
  const keeper = new TextKeeper(1_000);
  const prompt = "p".repeat(100);
  for (let index = 0; index < 20; index += 1)
    keeper.keep({ job_id: "a", prompt }, outcome("ok", "o".repeat(92)), at(index));
  keeper.keep({ job_id: "b", prompt }, outcome("truncated", "half"), at(20));

  expect(keeper.texts.requests.map(({ index }) => index)).toEqual([0, 1, 20]);
  expect(keeper.texts.leftOutCount).toBe(18);
});

test("the whole is never exceeded, also by failures", () => {
  const keeper = new TextKeeper(10_000);
  for (let index = 0; index < 1_000; index += 1) {
    keeper.keep({ job_id: "a", prompt: "p".repeat(index) }, outcome("truncated", "o".repeat(index)), at(index));
  }
  const { requests, leftOutCount } = keeper.texts;
  const length = requests.reduce((sum, { prompt, output }) => sum + prompt.length + output.length, 0);

  expect(length).toBeLessThanOrEqual(10_000);
  expect(requests.length + leftOutCount).toBe(1_000);
});

test("a request without an answer or a prompt is kept as it is", () => {
  const keeper = new TextKeeper(1_000);
  keeper.keep({ messages: [{ role: "user", content: "hi" }] }, { status: "transport-error" } as JobOutcome, at(0));
  keeper.keep({}, { status: "transport-error" } as JobOutcome, at(1));

  expect(keeper.texts.requests).toMatchObject([
    { prompt: '[{"role":"user","content":"hi"}]', output: "", contentAtMs: [] },
    { prompt: "null", output: "" },
  ]);
});

test("the texts of several clients are joined by index", () => {
  const of = (...indexes: number[]) => {
    const keeper = new TextKeeper(1_000);
    for (const index of indexes) keeper.keep({ job_id: "a", prompt: "p" }, outcome("ok", "o"), at(index));
    return keeper.texts;
  };
  const records = [0, 1, 2, 3].map((index) => ({ index }));
  const texts = [of(1, 3), { ...of(0, 2), leftOutCount: 2 }];
  const merged = joinTexts([{ texts, records, offsetMs: 0 }], records);

  expect(merged?.requests.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(merged?.leftOutCount).toBe(2);
  expect(joinTexts([{ texts: [], records, offsetMs: 0 }], records)).toBeUndefined();
});

test("the texts of a second phase, and of a later turn, get the numbers and the times of the run", () => {
  const keeper = new TextKeeper(1_000);
  for (const turn of [0, 1]) keeper.keep({ prompt: `turn ${turn}` }, outcome("ok", "o"), { ...at(0), turn });
  const phase = { texts: [keeper.texts], records: [0, 1].map((turn) => ({ index: 0, turn })) };
  const phases = [0, 100].map((offsetMs) => ({ ...phase, offsetMs }));
  const joined = joinTexts(
    phases,
    [0, 1, 2, 3].map((index) => ({ index })),
  );

  expect(joined?.requests.map(({ index, prompt, contentAtMs }) => [index, prompt, contentAtMs])).toEqual([
    [0, "turn 0", [5]],
    [1, "turn 1", [5]],
    [2, "turn 0", [105]],
    [3, "turn 1", [105]],
  ]);
});

test("runLoad() keeps texts only on request, and none of the warm-up", async () => {
  await using worker = await WorkerTestHarness.startMock({ parallel: 4 });
  const load = {
    profile: { kind: "concurrency", clients: 2 } as const,
    requests: (index: number) => makeTestRequest(`job-${index}`, `Prompt ${index}`, 4),
    stop: { count: 4 },
    warmup: { count: 2 },
  };
  const kept = await runLoad(worker, { ...load, keepText: true });

  expect(kept.texts?.requests.map(({ index, prompt }) => [index, prompt])).toEqual(
    [0, 1, 2, 3].map((index) => [index, `Prompt ${index}`]),
  );
  expect(kept.texts?.requests.every(({ output, contentAtMs }) => output !== "" && contentAtMs.length > 0)).toBe(true);
  expect("texts" in (await runLoad(worker, load))).toBe(false);
});
