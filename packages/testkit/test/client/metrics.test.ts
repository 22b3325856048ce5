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

test.each(["<html>", "name", "name x", '{"json":1}', "name{label} 1", 'name{a="1" b="2"} 1', 'name{a="1} 1'])(
  "%j is not a sample",
  (line) => {
    expect(() => parseMetrics(line)).toThrow("[INVALID_RESPONSE] expected a Prometheus sample");
  },
);

test("labels may have spaces between them and a comma at the end", () => {
  const metrics = parseMetrics('a{ x = "1" , y="}, z=\\"2\\"", } 1\nb{} 2\nc{ } 3');

  expect(metrics.samples.map(({ labels }) => labels)).toEqual([{ x: "1", y: '}, z="2"' }, {}, {}]);
});

test.each([
  ["a name of a label that does not end", `a{${"a".repeat(1_000_000)}} 1`],
  ["a value that does not end", `a{a="${"a".repeat(1_000_000)}} 1`],
  ["braces", `a{${"} ".repeat(500_000)}`],
])("1 MB of %s is rejected in linear, not quadratic, time", (_, line) => {
  const startedAt = performance.now();

  expect(() => parseMetrics(line)).toThrow("[INVALID_RESPONSE] expected a Prometheus sample");
  expect(performance.now() - startedAt).toBeLessThan(5_000); // with the square it is an hour
});
