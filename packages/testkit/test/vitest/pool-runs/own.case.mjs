import { note } from "./note.mjs";
// #region own
import { test } from "inference-testkit/vitest";

test.override({ workerPool: { scope: "file", reuse: "never", spares: 2 } }); // a process per test, started ahead
// #endregion

for (let index = 0; index < 4; index += 1) {
  test(`has a worker of its own ${index}`, ({ worker }) => note("own", worker.pid));
}
