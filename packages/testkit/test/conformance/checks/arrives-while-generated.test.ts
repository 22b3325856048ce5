import { expect, test } from "vitest";
import { FaultProxy } from "../../../src/fault-proxy/index.js";
import { WorkerTestHarness } from "../../../src/harness/index.js";
import { runOne } from "./front.js";

const CHECK = "stream.arrives-while-generated";
const start = () => WorkerTestHarness.startMock({ stub: { content: "instructions", timing: { itlMs: 1 } } });

test("one pause before the first token of a short answer is no answer that was held back: a longer one is asked for", async () => {
  await using worker = await start();
  const pause = { id: "stall", at: "after-headers", ms: 200, match: { jobId: `${CHECK}-1-1-2` } } as const; // the longer one
  await using proxy = await FaultProxy.inFrontOf(worker, { faults: [pause] });

  expect(await runOne(CHECK, { kind: "running", harness: proxy.worker })).toMatchObject({
    status: "pass",
    attempts: 2,
  });
});

test("answers that are held back fail, however short", async () => {
  await using worker = await start();
  await using proxy = await FaultProxy.inFrontOf(worker, { faults: [{ id: "buffered" }] });

  expect(await runOne(CHECK, { kind: "running", harness: proxy.worker })).toMatchObject({
    status: "fail",
    got: expect.stringMatching(/^the first token after \d+ ms, the last one after \d+ ms$/) as string,
  });
});
