// Runs two test files in a pool of a test runner, and ends the runner's main process alone, as often as asked for:
// `kills-a-runner.mjs <pool> <idle|busy> <signal> <count>`. Prints a line of JSON for each time: how many milliseconds after the
// end of the main process all workers were gone, or null if they were not within 10 s. Leaves nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const START_TIMEOUT_MS = 60_000;
const GONE_TIMEOUT_MS = 10_000;
const POLL_MS = 5;
const folder = fileURLToPath(new URL("pools", import.meta.url));
const findPackage = (name) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const vitest = (pool) => [join(findPackage("vitest"), "vitest.mjs"), "run", "--root", folder, "--pool", pool];
const jest = () => [
  "--experimental-vm-modules",
  join(findPackage("jest"), "bin/jest.js"),
  ...["--rootDir", folder, "--testMatch", "**/*.jest.mjs", "--testEnvironment", "node", "--maxWorkers", "2"],
];
const playwright = () => [
  join(findPackage("@playwright/test"), "cli.js"),
  "test",
  "--config",
  join(folder, "playwright.config.mjs"),
];
const nodeTest = () => [
  "--test",
  "--test-concurrency=2",
  ...[1, 2].map((index) => join(folder, `${index}.node-test.mjs`)),
];
/** Arguments for Node, by pool. */
const POOLS = {
  "vitest-forks": () => vitest("forks"),
  "vitest-vmForks": () => vitest("vmForks"),
  "vitest-threads": () => vitest("threads"),
  "jest-workers": jest,
  "node-test": nodeTest,
  "playwright-workers": playwright,
};

const [pool, mode, signal, count] = process.argv.slice(2);
for (let kill = 0; kill < Number(count); kill += 1) console.log(JSON.stringify(await killOnce()));

async function killOnce() {
  const temporary = mkdtempSync(join(tmpdir(), "inference-testkit-kill-"));
  const heldFile = join(temporary, "held");
  const { NODE_TEST_CONTEXT: _context, VITEST: _vitest, VITEST_WORKER_ID: _id, ...env } = process.env;
  const runner = spawn(process.execPath, POOLS[pool](), {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...env, HELD_FILE: heldFile, HELD_MODE: mode, TMPDIR: temporary },
  });
  let output = "";
  for (const stream of [runner.stdout, runner.stderr]) stream.on("data", (chunk) => (output += chunk));
  const exited = once(runner, "exit");
  const readHeld = () =>
    (existsSync(heldFile) ? readFileSync(heldFile, "utf8") : "").split("\n").filter(Boolean).map(JSON.parse);
  try {
    if (!(await waitUntil(() => readHeld().length === 2, START_TIMEOUT_MS))) throw new Error(`No workers: ${output}`);
    const workers = readHeld().flatMap((held) => held.workers);
    if (!workers.every(isRunning)) throw new Error("A worker has ended before the kill");
    runner.kill(signal);
    const killedAt = performance.now();
    if (!(await waitUntil(() => !isRunning(runner.pid), GONE_TIMEOUT_MS))) return { pool, mode, signal, exit: null };
    const exitedAt = performance.now();
    const areGone = await waitUntil(() => !workers.some(isRunning), GONE_TIMEOUT_MS);
    const goneAfterMs = areGone ? Math.round(performance.now() - exitedAt) : null;
    await exited;
    const pools = [...new Set(readHeld().map((held) => held.pool))];
    return {
      pool,
      mode,
      signal,
      exit: runner.signalCode ?? runner.exitCode,
      exitAfterMs: Math.round(exitedAt - killedAt),
      goneAfterMs,
      poolsRunning: pools.filter(isRunning).length,
    };
  } finally {
    for (const { pool, workers } of readHeld()) for (const pid of [pool, ...workers]) tryKill(pid);
    runner.kill("SIGKILL");
    await exited;
    await waitUntil(() => !readHeld().some((held) => isRunning(held.pool)), GONE_TIMEOUT_MS);
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function waitUntil(condition, timeoutMs) {
  for (const deadline = performance.now() + timeoutMs; !condition();) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}

function isRunning(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

function tryKill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // has ended
  }
}
