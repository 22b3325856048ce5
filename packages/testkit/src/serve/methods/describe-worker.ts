import type { WorkerTestHarness } from "../../harness/index.js";

/** What a client gets to know about a worker. */
export function describeWorker(handle: string, harness: WorkerTestHarness): object {
  const { workerId, baseUrl, port, pid, readyAfterMs, portOwner, exitInfo, model, server, recognizedBy } = harness;
  const dialect = harness.dialect.name;
  return {
    worker: handle,
    workerId,
    baseUrl,
    port,
    pid,
    readyAfterMs,
    portOwner,
    exitInfo,
    dialect,
    model,
    server,
    recognizedBy,
  };
}
