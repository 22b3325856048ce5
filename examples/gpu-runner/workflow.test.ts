import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { WorkerTestHarness } from "inference-testkit";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

const read = (name: string): unknown => parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const { jobs } = read("workflow.yml") as { jobs: { inference: { steps: readonly Step[] } } };
const { steps } = jobs.inference;

test("the workflow uses inputs that the action has", () => {
  const { inputs } = read("../../action.yml") as { inputs: Readonly<Record<string, unknown>> };
  const step = steps.find(({ uses }) => uses?.startsWith("OWNER/inference-testkit@"));
  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step?.with ?? {})));
});

test("the workflow calls commands with flags that exist", () => {
  const bin = new URL("../../packages/testkit/bin/inference-testkit.js", import.meta.url).pathname;
  const calls = steps.flatMap(({ run }) => /^npx inference-testkit (\w+)(.*)/.exec(run ?? "") ?? []);
  expect(calls.length).toBeGreaterThan(3);
  for (const { run } of steps) {
    const [, command, rest = ""] = /^npx inference-testkit (\w+)(.*)/.exec(run ?? "") ?? [];
    if (command === undefined) continue;
    const { stdout } = spawnSync(process.execPath, [bin, command, "--help"], { encoding: "utf8", timeout: 60_000 });
    for (const [flag] of rest.matchAll(/--[\w-]+/g)) expect(stdout).toContain(`${flag} `);
  }
});

test.runIf(process.platform === "linux")("the last look of the workflow finds a worker that runs", async () => {
  await using worker = await WorkerTestHarness.startMock();
  const { run = "" } = steps.find(({ name }) => name === "Nothing is left on the machine") ?? {};
  const { status, stdout } = spawnSync("bash", ["-c", run], { encoding: "utf8", timeout: 60_000 });
  expect(stdout).toContain(`/proc/${worker.pid}/environ`);
  expect(status).toBe(1);
});
