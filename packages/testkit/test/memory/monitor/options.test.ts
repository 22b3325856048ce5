import { expect, test } from "vitest";
import type { MonitorOptions } from "../../../src/memory/index.js";
import { resolveMonitorOptions } from "../../../src/memory/monitor/options.js";

test("the defaults", () => {
  expect(resolveMonitorOptions({})).toMatchObject({ everyMs: 100, phase: "idle", maxSampleCount: 10_000, judge: {} });
  expect(resolveMonitorOptions({}).sources).toHaveLength(5);
});

test.each<[object, RegExp]>([
  [{ everyMs: 1 }, /Expected `everyMs` to be a number from 5 to 3600000, got `1`/],
  [{ sources: [] }, /Expected `sources` to be a list of worker-health, .*, got `\[\]`/],
  [{ sources: ["vram"] }, /`sources`/],
  [{ phase: "" }, /`phase`/],
  [{ pid: 0 }, /`pid`/],
  [{ maxSampleCount: 10 }, /`maxSampleCount`/],
  [{ judge: { limit: 1 } }, /Expected `judge` to have options among .*, got `limit`/],
  [{ judge: { limitBytes: NaN } }, /`judge.limitBytes`/],
  [{ judge: { confidence: 0.8 } }, /`judge.confidence`/],
  [{ signal: 5 }, /`signal` to be an AbortSignal/],
  [{ gpuCommand: 5 }, /`gpuCommand` to be a program/],
  [{ gpuDevice: -2 }, /`gpuDevice`/],
  [{ gpuCommand: "" }, /`gpuCommand`/],
  [{ gpuBackend: "matrox" }, /Expected `gpuBackend` to be one of nvidia, amd, apple, or a GpuBackend/],
  [
    { gpuCommand: ["ssh", "host", "smi"] },
    /`gpuBackend` to be one of nvidia, amd, apple, because `gpuCommand` names none of/,
  ],
  [{ every: 1 }, /got `every`/],
])("INVALID_OPTION: %o", (options, message) => {
  expect(() => resolveMonitorOptions(options as MonitorOptions)).toThrow(message);
});
