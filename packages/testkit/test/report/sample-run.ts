import { createRandomSource } from "./random.js";
import { compareRuns, judgeLimits, type RunLimits, type LoadResult, type RequestRecord } from "../../src/load/index.js";
import { ItlHistogram } from "../../src/load/metrics/itl-histogram.js";
import { METRIC_DEFINITIONS } from "../../src/load/metrics/registry.js";
import { summarize } from "../../src/load/metrics/summarize.js";
import { judgeValidity } from "../../src/load/verdict/validity.js";
import { judgeLeak, type MemoryRecord } from "../../src/memory/index.js";
import type { MemorySample } from "../../src/memory/sample.js";
import { createRunReport, type RunReport, type RunReportParts } from "../../src/report/index.js";

/** What a run for tests is like. */
export interface SampleRunOptions {
  readonly count?: number;
  readonly seed?: number;
  readonly ratePerSec?: number;
  /** All latencies are multiplied by it. */
  readonly slowness?: number;
  /** Every so many requests fail; 0 is never. */
  readonly failEvery?: number;
  /** What the failed ones say. */
  readonly messages?: readonly string[];
  readonly jobId?: (index: number) => string;
  readonly ended?: LoadResult["ended"];
  readonly status?: LoadResult["status"];
}

const MACHINE: LoadResult["machine"] = {
  cpu: "Test CPU @ 3.0 GHz",
  cores: 8,
  memoryBytes: 16 * 1024 ** 3,
  platform: "linux-x64",
  node: "20.19.0",
  gpu: "cpu",
  driver: null,
  workerVersion: "0.1.0",
  model: "tiny-synthetic",
  modelHash: "0123abcd",
};

const FAILURES = [
  { status: "http-error", httpStatus: 503, code: "QUEUE_FULL" },
  { status: "worker-error", code: "INFERENCE_FAILED" },
  { status: "truncated" },
  { status: "limit-exceeded", code: "firstTokenMs" },
] as const;

/** A run that was never made, always the same for the same options; every figure is computed from its records as in a real one. */
export async function sampleRun(options: SampleRunOptions = {}): Promise<LoadResult> {
  const { count = 300, ratePerSec = 20, status = "complete" } = options;
  const itl = await ItlHistogram.create();
  const records = makeRecords(options, itl);
  const plan: LoadResult["plan"] = {
    profile: { kind: "constant", ratePerSec },
    stop: { count },
    warmup: { count: 10 },
    seed: "42",
    clientThreads: 1,
    slo: { ttftMs: 150 },
    judgedFrom: "schedule",
    requestCount: count,
  };
  const facts = {
    ended: options.ended ?? { by: "schedule" as const, message: `all ${count} requests of the schedule were sent` },
    status,
    records,
    rate: { requestedPerSec: ratePerSec, achievedPerSec: ratePerSec * 0.999, ratio: 0.999 },
    clients: [
      {
        client: 0,
        eventLoopDelayMs: { p50: 0.1, p95: 0.6, p99: 1.2, max: 4.8 },
        cpuShare: 0.21,
        cpuSource: "thread" as const,
      },
    ],
    tokenCheck: { status: "unavailable" as const, reason: "/metrics has no worker_tokens_generated_total" },
  };
  return {
    schemaVersion: 1,
    kind: "load-result",
    startedAt: "2026-01-02T03:04:05.678Z",
    plan,
    machine: MACHINE,
    warmup: { attempted: 10, ok: 10, durationMs: 812 },
    ...facts,
    ...summarize(records, { itl, slo: plan.slo, judgedFrom: "schedule" }),
    validity: judgeValidity(facts, []),
    definitions: METRIC_DEFINITIONS,
    itlHistogram: itl.encode(),
  };
}

function makeRecords(options: SampleRunOptions, itl: ItlHistogram): RequestRecord[] {
  const { count = 300, seed = 1, ratePerSec = 20, slowness = 1, failEvery = 25, messages = ["it failed"] } = options;
  const { jobId = (index: number) => `job-${index}` } = options;
  const random = createRandomSource(seed);
  return Array.from({ length: count }, (_, index): RequestRecord => {
    const schedMs = (index * 1000) / ratePerSec;
    const sendMs = schedMs + random.next() * 2;
    const firstMs = sendMs + slowness * (40 + 30 * random.exponential() + (random.next() < 0.02 ? 300 : 0));
    const tokensOut = 20 + Math.floor(random.next() * 60);
    const tpotMs = slowness * (8 + 3 * random.next());
    const longestStallMs = tpotMs * (1.5 + 2 * random.exponential());
    for (let token = 1; token < Math.min(tokensOut, 8); token += 1) itl.add(tpotMs * (0.7 + 0.6 * random.next()));
    itl.add(longestStallMs);
    const lastMs = firstMs + tpotMs * (tokensOut - 1);
    const common = {
      index,
      jobId: jobId(index),
      stage: 0,
      client: 0,
      schedMs: round(schedMs),
      handOverMs: round(schedMs),
      sendMs: round(sendMs),
    };
    if (failEvery > 0 && index % failEvery === failEvery - 1) {
      const position = Math.floor(index / failEvery);
      const failure = FAILURES[position % FAILURES.length] ?? FAILURES[0];
      const message = messages[position % messages.length] ?? "";
      const none = {
        headersMs: null,
        firstMs: null,
        lastMs: null,
        terminalMs: null,
        tokensOut: null,
        longestStallMs: null,
      };
      return { ...common, ...none, ...failure, message, closeMs: round(sendMs + 25), contentEventCount: 0 };
    }
    return {
      ...common,
      status: "ok",
      headersMs: round(sendMs + 3),
      firstMs: round(firstMs),
      lastMs: round(lastMs),
      terminalMs: round(lastMs + 1),
      closeMs: round(lastMs + 2),
      tokensOut,
      contentEventCount: tokensOut,
      longestStallMs: round(longestStallMs),
    };
  });
}

/** A record of 40 idle points, with so many bytes more after each. */
export function sampleMemory(leakBytes = 1024 ** 2): MemoryRecord {
  const random = createRandomSource(7);
  const samples = Array.from({ length: 120 }, (_, index): MemorySample => {
    const isIdle = index % 3 === 2 && index < 115;
    const cycle = Math.floor(index / 3);
    const busyBytes = isIdle ? 0 : 6 * 1024 ** 2 * random.next();
    return {
      atMs: index * 100 + 5,
      tookMs: 4,
      phase: index < 6 ? "load" : index < 114 ? "inference" : "after-stop",
      idle: isIdle,
      ...(isIdle && { cycle }),
      incarnation: 1,
      worker: index < 115 ? "running" : "stopped",
      bytes:
        index < 115
          ? { "process-tree": Math.round(180 * 1024 ** 2 + busyBytes + cycle * leakBytes + random.next() * 200_000) }
          : { "process-tree": 0 },
    };
  });
  const verdict = judgeLeak(samples, { source: "process-tree", minGrowthBytes: 8 * 1024 ** 2 });
  return {
    schemaVersion: 1,
    startedAt: "2026-01-02T03:04:05.000Z",
    durationMs: 12_000,
    everyMs: 100,
    worker: { workerId: "worker-1", pid: 4242 },
    idleBy: "slots",
    sources: [
      {
        name: "process-tree",
        definition: "Resident memory of the worker and its descendants, from /proc.",
        status: "available",
        readCount: 115,
        failedCount: 0,
      },
      {
        name: "gpu-device",
        definition: "Memory in use on the GPU, by nvidia-smi.",
        status: "unavailable",
        reason: "nvidia-smi was not found",
        readCount: 0,
        failedCount: 1,
      },
    ],
    samples,
    phases: [
      {
        name: "load",
        fromMs: 0,
        toMs: 600,
        sampleCount: 6,
        peakBytes: { "process-tree": 190e6 },
        lastBytes: { "process-tree": 189e6 },
      },
      {
        name: "inference",
        fromMs: 600,
        toMs: 11_400,
        sampleCount: 108,
        peakBytes: { "process-tree": 235e6 },
        lastBytes: { "process-tree": 230e6 },
      },
      {
        name: "after-stop",
        fromMs: 11_400,
        toMs: 12_000,
        sampleCount: 6,
        peakBytes: { "process-tree": 230e6 },
        lastBytes: { "process-tree": 0 },
      },
    ],
    marks: [{ kind: "stopped", atMs: 11_500, detail: "by the test" }],
    cost: { sampleCount: 120, missedCount: 0, readingMs: 480, longestMs: 9 },
    verdicts: [verdict],
  };
}

/** A report with every part. */
export async function sampleReport(
  options: SampleRunOptions = {},
  parts: RunReportParts & { limitsOf?: RunLimits } = {},
): Promise<RunReport> {
  const { limitsOf = { ttft: { p50: 100, p95: 150, p99: 400 }, tpot: { p50: 20 }, errors: 20 }, ...others } = parts;
  const load = await sampleRun(options);
  const baseline = await sampleRun({ ...options, seed: 2, slowness: (options.slowness ?? 1) * 0.8, failEvery: 0 });
  return createRunReport({
    title: "Sample run",
    load,
    limits: judgeLimits(load, limitsOf),
    comparison: { outcome: compareRuns(baseline, load), baseline },
    memory: sampleMemory(),
    worker: {
      workerId: "worker-1",
      baseUrl: "http://127.0.0.1:8080",
      command: "worker-orcd --stub-mode",
      pid: 4242,
      readyAfterMs: 95,
    },
    ...others,
  });
}

function round(valueMs: number): number {
  return Math.round(valueMs * 1000) / 1000;
}
