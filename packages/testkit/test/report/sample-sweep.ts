import type { LoadResult } from "../../src/load/index.js";
import { ItlHistogram } from "../../src/load/metrics/itl-histogram.js";
import { describeResponse } from "../../src/load/response/describe-response.js";
import { joinPhases } from "../../src/load/run/join-phases.js";
import { serveClosed } from "../load/response/slots-server.js";
import { sampleRun } from "./sample-run.js";

/** A sweep over the clients of a server with 4 slots of 100 ms, which was never run: its knee is at 4 clients. */
export async function sampleSweep(clients: readonly number[] = [1, 2, 4, 8, 16], count = 160): Promise<LoadResult> {
  const profile = { kind: "concurrency-sweep", clients } as const;
  const load = {
    client: 0,
    eventLoopDelayMs: { p50: 0, p95: 0, p99: 0, max: 0 },
    cpuShare: 0.1,
    cpuSource: "thread",
  } as const;
  const itl = await ItlHistogram.create();
  for (let index = 0; index < 200; index += 1) itl.add(4 + (index % 10) / 10);
  const counters = [{ value: 0 }, { value: 0 }] as const;
  const reports = clients.map((many, step) => {
    const report = {
      records: serveClosed({ slots: 4, serviceMs: 100 }, many, count),
      itl: itl.encode(),
      gaps: [],
      load,
    };
    return { step, requestCount: count, counters, reports: [report] };
  });
  const { records, phases } = joinPhases(reports, profile);
  const rules = { slo: { ttftMs: 150 }, judgedFrom: "send" } as const;
  const response = await describeResponse({ profile, stop: { durationMs: Infinity }, phases, ...rules });
  const usual = await sampleRun({ count: 20 });
  const window = { firstSendMs: 0, lastCloseMs: records.at(-1)!.closeMs, durationMs: records.at(-1)!.closeMs };
  return { ...usual, records, window, response, plan: { ...usual.plan, ...rules, profile }, rate: null };
}
