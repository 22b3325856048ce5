// Made-up load results: what `compareRuns()` reads of a result, with latencies drawn from a seeded generator. No worker, no clock.
import { median } from "./measure.mjs";

const TTFT_MS = 50;
const TOKENS = 21;
/** Enough for p95, too few for p99. */
const REQUESTS = 150;
const MACHINE = {
  cpu: "simulated",
  cores: 2,
  gpu: null,
  gpuDriver: null,
  workerVersion: "1",
  modelHash: null,
  node: "20",
};
const PLAN = {
  profile: { kind: "serial" },
  stop: { count: REQUESTS },
  warmup: null,
  seed: "1",
  clientThreads: 1,
  slo: {},
  judgedFrom: "send",
  requestCount: REQUESTS,
};

/** A seeded source of uniform numbers from 0 to 1 (mulberry32), and of normal ones. */
export function createDraws(seed) {
  let state = seed | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

/**
 * One run. Its TTFT and its TPOT have a factor each, which varies from run to run by `noise` (standard deviation); `shared` is the part of
 * that variance that both have in common. Requests vary by 10 % on top.
 */
export function simulateRun(
  { normal, uniform },
  { noise = 0.08, shared = 1, ttft = 1, tpot = 1, tpotMs = 10, errorRate = 0 } = {},
) {
  const common = normal() * Math.sqrt(shared);
  const factor = () => Math.max(0.2, 1 + noise * (common + normal() * Math.sqrt(1 - shared)));
  const [ttftOfRun, tpotOfRun] = [TTFT_MS * ttft * factor(), tpotMs * tpot * factor()];
  const jitter = () => Math.max(0.2, 1 + 0.1 * normal());
  const requests = Array.from({ length: REQUESTS }, () => {
    const [first, step] = [ttftOfRun * jitter(), tpotOfRun * jitter()];
    return { isOk: uniform() >= errorRate, ttft: first, tpot: step, e2e: first + step * (TOKENS - 1) };
  });
  return describeRun(requests);
}

function describeRun(requests) {
  const ok = requests.filter(({ isOk }) => isOk);
  const seconds = requests.reduce((sum, { e2e }) => sum + e2e, 0) / 1000;
  const [errors, okShare] = [requests.length - ok.length, ok.length / requests.length];
  const latency = Object.fromEntries(
    ["ttft", "tpot", "e2e"].map((metric) => [
      metric,
      describeLatency(
        metric,
        ok.map((request) => request[metric]),
      ),
    ]),
  );
  const values = {
    requestThroughput: ok.length / seconds,
    tokenThroughput: (ok.length * TOKENS) / seconds,
    goodputRatio: okShare,
    errorRate: 1 - okShare,
    errors,
  };
  return {
    schemaVersion: 1,
    kind: "load-result",
    status: "complete",
    ended: { by: "count", message: "all requests were sent" },
    machine: MACHINE,
    plan: PLAN,
    warmup: null,
    validity: { status: "valid", reasons: [] },
    clients: [{ client: 0, eventLoopDelayMs: { p50: 0.05, p95: 0.1, p99: 0.2, max: 1 } }],
    records: [{ status: "ok", tokensOut: TOKENS }],
    latency: { ...latency, itl: { ...latency.tpot, metric: "itl" } },
    figures: Object.fromEntries(Object.entries(values).map(([metric, value]) => [metric, { metric, value }])),
  };
}

function describeLatency(metric, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const p99 = { status: "not-enough-samples", message: `not enough samples (have ${sorted.length}, need 662)` };
  const p95 = sorted.length < 130 ? p99 : sorted[Math.floor(sorted.length * 0.95)];
  return { metric, unit: "ms", count: sorted.length, percentiles: { p50: median(sorted), p95, p99 } };
}
