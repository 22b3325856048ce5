import { expect, test } from "vitest";
import type { MonitorOptions } from "../../../src/memory/index.js";
import { MONITOR_OPTIONS } from "../../../src/memory/monitor/options.js";
import { resolveOptions } from "../../../src/options/index.js";

const resolveMonitorOptions = (options: MonitorOptions) => resolveOptions(MONITOR_OPTIONS, options);

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
  [{ judge: { limitBytes: NaN } }, /`limitBytes`/],
  [{ judge: { confidence: 0.8 } }, /`confidence`/],
  [{ signal: 5 }, /`signal` to be an AbortSignal/],
  [{ nvidiaSmi: 5 }, /`nvidiaSmi` to be a program/],
  [{ gpuDevice: -2 }, /`gpuDevice`/],
  [{ nvidiaSmi: "" }, /`nvidiaSmi`/],
  [{ every: 1 }, /got `every`/],
])("INVALID_OPTION: %o", (options, message) => {
  expect(() => resolveMonitorOptions(options as MonitorOptions)).toThrow(message);
});
