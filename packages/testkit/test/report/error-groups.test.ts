import { expect, test } from "vitest";
import { groupErrors } from "../../src/report/error-groups.js";
import { sampleRun } from "./sample-run.js";

test("errors are grouped by status and code, the most frequent first, with different messages", async () => {
  const { records } = await sampleRun({ count: 100, failEvery: 5, messages: ["a", "b", "c"] });
  const groups = groupErrors([...records, { ...records[4]!, index: 100, message: "a" }]);

  expect(groups.map(({ status, code, count }) => [status, code, count])).toEqual([
    ["http-error", "HTTP 503 QUEUE_FULL", 6],
    ["worker-error", "INFERENCE_FAILED", 5],
    ["truncated", null, 5],
    ["limit-exceeded", "firstTokenMs", 5],
  ]);
  expect(groups[0]!.samples.map(({ message }) => message).sort()).toEqual(["a", "b", "c"]);
});
