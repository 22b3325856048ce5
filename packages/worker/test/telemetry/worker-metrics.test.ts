import { expect, test } from "vitest";
import { WorkerMetrics } from "../../src/telemetry/index.js";

const GAUGES = { vramBytes: 7, uptimeSeconds: 1.5, slots: { total: 4, busy: 2, queued: 1 } };

function samplesOf(metrics: WorkerMetrics): Map<string, number> {
  const lines = metrics.render(GAUGES).split("\n");
  const samples = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

test("every family has help and type, and every outcome has a sample from the start", () => {
  const text = new WorkerMetrics().render(GAUGES);
  const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map((match) => `${match[1]!} ${match[2]!}`);
  expect(families).toEqual([
    "worker_vram_bytes gauge",
    "worker_uptime_seconds gauge",
    "worker_slots gauge",
    "worker_requests_total counter",
    "worker_tokens_generated_total counter",
    "worker_inference_duration_ms histogram",
    "worker_time_to_first_token_ms histogram",
  ]);
  expect(text.match(/^# HELP /gm)).toHaveLength(families.length);
  for (const outcome of ["completed", "failed", "cancelled", "timeout", "disconnected", "rejected"]) {
    expect(text).toContain(`worker_requests_total{outcome="${outcome}"} 0\n`);
  }
});

test("gauges have the value at scrape time", () => {
  const samples = samplesOf(new WorkerMetrics());
  expect(samples.get("worker_vram_bytes")).toBe(7);
  expect(samples.get("worker_uptime_seconds")).toBe(1.5);
  expect(samples.get('worker_slots{state="queued"}')).toBe(1);
});

test("counters increase", () => {
  const metrics = new WorkerMetrics();
  metrics.countRequest("failed");
  metrics.countRequest("failed");
  for (let token = 0; token < 3; token++) metrics.countToken();
  const samples = samplesOf(metrics);
  expect(samples.get('worker_requests_total{outcome="failed"}')).toBe(2);
  expect(samples.get('worker_requests_total{outcome="completed"}')).toBe(0);
  expect(samples.get("worker_tokens_generated_total")).toBe(3);
});

test("histogram buckets are cumulative and inclusive, and the last one has everything", () => {
  const metrics = new WorkerMetrics();
  for (const value of [0, 1, 1.5, 100, 1_000_000]) metrics.observeInference(value);
  const samples = samplesOf(metrics);
  const bucket = (bound: string) => samples.get(`worker_inference_duration_ms_bucket{le="${bound}"}`);
  expect(["1", "2", "50", "100", "300000", "+Inf"].map(bucket)).toEqual([2, 3, 3, 4, 4, 5]);
  expect(samples.get("worker_inference_duration_ms_count")).toBe(5);
  expect(samples.get("worker_inference_duration_ms_sum")).toBe(1_000_102.5);
  expect(samples.get("worker_time_to_first_token_ms_count")).toBe(0);
});
