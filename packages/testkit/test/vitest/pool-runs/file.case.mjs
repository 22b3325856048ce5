import { test } from "inference-testkit/vitest";
import { note } from "./note.mjs";

test.override({ workerPool: { scope: "file" } });

for (let index = 0; index < 5; index += 1) {
  test(`shares a worker ${index}`, ({ worker }) => note("file", worker.pid));
}

test("changes the worker", async ({ worker }) => {
  await worker.restart();
});

test("gets another one", ({ worker }) => note("file", worker.pid));
