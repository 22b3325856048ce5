import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTemporaryFolder, runCli } from "./run-cli.js";

const STUB = [
  "profile",
  "--stub",
  "--stub-config",
  '{"timing":{"ttftMs":5,"itlMs":2}}',
  "--requests",
  "5",
  "--max-tokens",
  "4",
  "--no-memory",
];

test("--export writes the run as text for Prometheus", async () => {
  const file = join(createTemporaryFolder(), "run.prom");
  const { stdout } = await runCli([...STUB, "--export", `prometheus=${file}`]);

  expect(stdout).toContain(`exported: ${file}\n`);
  const text = readFileSync(file, "utf8");
  expect(text).toContain('inference_testkit_requests{status="ok"} 5\n');
  expect(text).toMatch(/^gen_ai_client_operation_duration_seconds_count\{.*gen_ai_request_model="stub".*\} 5$/m);
});

test("a target that cannot be written is an error after the report was written", async () => {
  const { exitCode, stdout, stderr } = await runCli([...STUB, "--export", "prometheus=/nowhere/run.prom"]);

  expect(stdout).toMatch(/^report: .*report\.html$/m);
  expect(stderr).toContain("[REPORT_FAILED] The run could not be exported to /nowhere/run.prom: ENOENT");
  expect(exitCode).not.toBe(0);
});
