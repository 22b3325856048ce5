import { expect, test } from "vitest";
import { parseMetrics } from "../../src/client/metrics.js";

const TEXT = `# HELP requests Requests.
# TYPE requests counter
requests{outcome="completed"} 3
requests{outcome="failed", reason="a \\"quoted\\" \\\\ word\\n"} 1 1700000000000
latency_bucket{le="+Inf"} 4
up 1
nothing NaN
most +Inf
tiny 1.5e-9
`;

test("samples are found by name and labels", () => {
  const metrics = parseMetrics(TEXT);

  expect(metrics.value("requests", { outcome: "completed" })).toBe(3);
  expect(metrics.value("requests", { outcome: "failed" })).toBe(1);
  expect(metrics.samples[1]?.labels).toEqual({ outcome: "failed", reason: 'a "quoted" \\ word\n' });
  expect(metrics.value("latency_bucket", { le: "+Inf" })).toBe(4);
  expect(metrics.value("up")).toBe(1);
  expect(metrics.value("nothing")).toBeNaN();
  expect(metrics.value("most")).toBe(Infinity);
  expect(metrics.value("tiny")).toBe(1.5e-9);
  expect(metrics.value("absent")).toBeUndefined();
  expect(metrics.value("requests", { outcome: "absent" })).toBeUndefined();
});

test.each(["<html>", "name", "name x", '{"json":1}'])("%j is no sample", (line) => {
  expect(() => parseMetrics(line)).toThrow("[INVALID_RESPONSE] expected a Prometheus sample");
});
