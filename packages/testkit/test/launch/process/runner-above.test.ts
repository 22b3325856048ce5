import { readdirSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { isRunning, startRunner, waitUntil, type Runner } from "../helpers.js";

/** Five looks of the reaper at the process above. */
const LOOKS_MS = 1_000;

interface Wrapped {
  readonly wrapper: Runner;
  readonly runner: number;
  readonly workers: readonly number[];
}

/** A runner with workers below a wrapper; all of it is ended when the test is over. */
async function startWrapped(way: string, env: Record<string, string> = {}): Promise<Wrapped> {
  const wrapper = startRunner("starts-a-runner", [way], env);
  const runner = Number(await wrapper.nextLine(way === "runs-in-a-shell" ? "shell" : "runner"));
  const workers = (await wrapper.nextLine("pids")).split(" ").map(Number);
  onTestFinished(async () => {
    process.kill(runner, "SIGKILL");
    await waitUntil(() => !workers.some(isRunning));
  });
  return { wrapper, runner, workers };
}

/** Ends the wrapper; a worker that is to be ended is so after a few looks of the reaper. */
async function endWrapper({ wrapper, workers }: Wrapped): Promise<readonly boolean[]> {
  wrapper.kill();
  await wrapper.exited;
  await waitUntil(() => !workers.some(isRunning), LOOKS_MS).catch(() => undefined);
  return workers.map(isRunning);
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/** The subshells of a runner's reaper that look at the process above: one, or none. */
function findWatchers(runner: number): number[] {
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && isRunning(pid));
  const reapers = pids.filter(
    (pid) => parentOf(pid) === runner && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("-reaper"),
  );
  return pids.filter((pid) => reapers.includes(parentOf(pid)));
}

test("workers end with a parent that has an IPC channel, and the process that launched them stays alive", async () => {
  const wrapped = await startWrapped("forks");
  expect(await endWrapper(wrapped)).not.toContain(true);
  expect(isRunning(wrapped.runner)).toBe(true);
});

test("a killed parent watcher of the reaper is replaced and ends no worker", async () => {
  const wrapped = await startWrapped("forks");
  for (let kill = 0; kill < 3; kill += 1) {
    await waitUntil(() => findWatchers(wrapped.runner).length > 0);
    const [watcher] = findWatchers(wrapped.runner);
    process.kill(watcher!, "SIGKILL");
    await waitUntil(() => !isRunning(watcher!) && findWatchers(wrapped.runner).length > 0);
  }
  expect(wrapped.workers.map(isRunning)).not.toContain(false);
  expect(await endWrapper(wrapped)).not.toContain(true);
});

test.each(["forks-detached", "runs-in-a-shell"])("workers outlive a wrapper that %s", async (way) => {
  expect(await endWrapper(await startWrapped(way))).not.toContain(false);
});

test("workers outlive a wrapper that has closed its IPC channel", async () => {
  const wrapped = await startWrapped("forks");
  await waitUntil(() => findWatchers(wrapped.runner).length > 0);
  wrapped.wrapper.write("disconnect");
  await waitUntil(() => findWatchers(wrapped.runner).length === 0);
  expect(await endWrapper(wrapped)).not.toContain(false);
});

test("workers outlive a wrapper inside a node:test file, which also has the runner's variable", async () => {
  const wrapped = await startWrapped("passes-a-test-context", { NODE_TEST_CONTEXT: "child-v8" });
  expect(await endWrapper(wrapped)).not.toContain(false);
});
