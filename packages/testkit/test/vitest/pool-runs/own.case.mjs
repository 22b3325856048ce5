import { test } from "inference-testkit/vitest";
import { note } from "./note.mjs";

test.override({ workerPool: { scope: "file", reuse: "never", spares: 2 } });

for (let index = 0; index < 4; index += 1) {
  test(`has a worker of its own ${index}`, ({ worker }) => note("own", worker.pid));
}
