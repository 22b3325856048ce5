import { expect, test } from "vitest";
import { exists, runCli, startCli, waitUntil, type CliRun } from "./run-cli.js";

interface ReadyLine {
  readonly event: "ready";
  readonly pid: number;
  readonly port: number;
}

async function startWorker(): Promise<{ run: CliRun; ready: ReadyLine }> {
  const run = startCli(["worker", "--", "--port", "0", "--stub-mode"]);
  await waitUntil(() => /"event":"ready".*\n/.test(run.stdout()));
  const line = run
    .stdout()
    .split("\n")
    .find((text) => text.includes('"event":"ready"'))!;
  return { run, ready: JSON.parse(line) as ReadyLine };
}

function countShutdowns(stdout: string): number {
  return stdout.split('"event":"shutdown"').length - 1;
}

test("flags after -- are passed to the bundled worker, and its output is passed through", async () => {
  const { exitCode, stdout, stderr } = await runCli(["worker", "--", "--version"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^worker-orcd \d+\.\d+\.\d+\n$/);
});

test("the worker serves until a signal arrives, and its exit code is passed on", async () => {
  const { run, ready } = await startWorker();
  expect((await fetch(`http://127.0.0.1:${ready.port}/health`)).status).toBe(200);
  run.kill("SIGTERM");
  const { exitCode, stdout } = await run.finished;
  expect({ exitCode, shutdowns: countShutdowns(stdout), left: exists(ready.pid) }).toEqual({
    exitCode: 0,
    shutdowns: 1,
    left: false,
  });
});

test("SIGINT is passed on once, so that the worker stops gracefully", async () => {
  const { run, ready } = await startWorker();
  run.kill("SIGINT");
  const { exitCode, stdout } = await run.finished;
  expect({ exitCode, shutdowns: countShutdowns(stdout), left: exists(ready.pid) }).toEqual({
    exitCode: 0,
    shutdowns: 1,
    left: false,
  });
});

test("a worker ended by a signal exits with 128 + its number", async () => {
  const { run, ready } = await startWorker();
  process.kill(ready.pid, "SIGKILL");
  expect((await run.finished).exitCode).toBe(137);
});

test("invalid worker flags exit with the worker's 2 and its usage", async () => {
  const { exitCode, stderr } = await runCli(["worker", "--", "--no-such-flag"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Usage: worker-orcd");
});

test("a worker that cannot start exits with its 1", async () => {
  const flags = ["--port", "0", "--model", "no-such-file.gguf", "--gpu-device", "-1"];
  const { exitCode, stdout } = await runCli(["worker", "--", ...flags]);
  expect(exitCode).toBe(1);
  expect(stdout).toContain('"code":"MODEL_LOAD_FAILED"');
});
