import { WorkerTestHarness } from "../harness/index.js";
import { checkOption } from "../options/index.js";
import type { ServerSource } from "./server/server-source.js";

/**
 * The server to check: a harness that runs, or a function that starts one. The second kind is started again after a check has killed it, and
 * stopped at the end.
 */
export type ConformanceTarget = WorkerTestHarness | (() => Promise<WorkerTestHarness>);

/** @throws {INVALID_OPTION} not a server. */
export function toSource(target: ConformanceTarget): ServerSource {
  if (typeof target === "function") {
    return { kind: "started", command: "started by a function", start: () => target() };
  }
  const isHarness = target instanceof WorkerTestHarness;
  checkOption(isHarness, "target", { wanted: "a harness, or a function that starts one", value: target });
  return { kind: "running", harness: target };
}
