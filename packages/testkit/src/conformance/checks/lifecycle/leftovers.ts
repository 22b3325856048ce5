import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, existsSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isRunning, listDescendants } from "../../../launch/index.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { launch, terminate, type Launched } from "../../observe/launched.js";
import type { StartChange } from "../../server/start-change.js";
import { expect, fail, notApplicable } from "../../verdict.js";

const LAUNCH_MS = 120_000;
/** Children may take this much longer than the server. */
const LINGER_MS = 5_000;

export const leavesNoProcesses = defineCheck({
  id: "lifecycle.leaves-no-processes",
  title: "SIGTERM leaves no process of the server behind",
  level: "standard",
  why: "An engine that outlives its server keeps the GPU, and the next start fails for lack of memory.",
  source: "https://github.com/vllm-project/vllm/issues/25850",
  needs: ["launch"],
  budgetMs: LAUNCH_MS,
  run: (context) => expectNoSurvivors(context, "SIGTERM"),
});

export const sigkillLeavesNoProcesses = defineCheck({
  id: "lifecycle.sigkill-leaves-no-processes",
  title: "the other processes of a server end when its first one is killed",
  level: "full",
  why: "A supervisor that kills the server frees the port, but not the GPU that orphaned workers keep.",
  source: "https://github.com/vllm-project/vllm/issues/55510",
  needs: ["launch", "procfs"],
  budgetMs: LAUNCH_MS,
  run: (context) => expectNoSurvivors(context, "SIGKILL"),
});

export const releasesPort = defineCheck({
  id: "lifecycle.releases-its-port",
  title: "nothing listens on the port after the server has ended",
  level: "standard",
  why: "A child that inherited the listening socket makes the next start fail, or answers in its place.",
  source:
    "POSIX, exec: open file descriptors are inherited; https://github.com/tenstorrent/tt-inference-server/pull/3640",
  needs: ["launch"],
  budgetMs: LAUNCH_MS,
  run: async (context) => {
    const launched = await use(context);
    await terminate(launched);
    const { hostname, port } = launched.target.url;
    const deadlineMs = performance.now() + LINGER_MS;
    while (await accepts(hostname, Number(port))) {
      if (performance.now() > deadlineMs)
        fail({ expected: `no listener on port ${port} after the end`, got: "a connection that is accepted" });
      await delay(50, undefined, { signal: context.signal });
    }
  },
});

export const leavesNoTemporaryFiles = defineCheck({
  id: "lifecycle.leaves-no-temporary-files",
  title: "a server that ends removes its temporary files",
  level: "standard",
  why: "Every restart of a server that forgets its files fills the disk a little more.",
  source: "POSIX, TMPDIR: a directory for temporary files",
  needs: ["launch", "start-environment"],
  budgetMs: LAUNCH_MS,
  run: async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "inference-testkit-conformance-"));
    try {
      await terminate(await use(context, { env: { TMPDIR: folder, TMP: folder, TEMP: folder } }));
      expect("what is left in TMPDIR", readdirSync(folder)).toBe([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

const SHARED_MEMORY = "/dev/shm/";

export const leavesNoSharedMemory = defineCheck({
  id: "lifecycle.leaves-no-shared-memory",
  title: "a server that ends removes its shared memory",
  level: "standard",
  why: "Shared memory counts as used until the machine restarts; a few restarts of the server fill it.",
  source: "https://github.com/vllm-project/vllm/issues/51579; https://github.com/ovg-project/kvcached/pull/482",
  needs: ["launch", "procfs"],
  budgetMs: LAUNCH_MS,
  run: async (context) => {
    const launched = await use(context);
    const open = listFamily(launched).flatMap(listSharedMemory);
    await terminate(launched);
    await waitUntilGone(listFamily(launched), context.signal);
    expect("what is left in /dev/shm", [...new Set(open)].filter(existsSync)).toBe([]);
  },
});

/** Starts another process and lets it generate, so that everything it opens is open. */
async function use(context: CheckContext, change?: StartChange): Promise<Launched> {
  const launched = await launch(context, change);
  await launched.target.generate(context.prompts.endless(), { max_tokens: 4 });
  return launched;
}

async function expectNoSurvivors(context: CheckContext, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  const launched = await use(context);
  const family = listFamily(launched);
  if (signal === "SIGKILL" && family.length === 1) notApplicable("the server is one process");
  await terminate(launched, signal);
  await waitUntilGone(family, context.signal);
  await launched.harness.stop().catch(() => undefined); // this check reports what it finds
  const left = launched.harness.findings.filter(({ code }) => code === "CHILD_LEFT_BEHIND");
  expect(
    `processes ${LINGER_MS} ms after ${signal}`,
    left.map(({ message }) => message),
  ).toBe([]);
}

function listFamily({ harness: { pid = 0 } }: Launched): readonly number[] {
  return process.platform === "linux" ? [pid, ...listDescendants(pid)] : [pid];
}

async function waitUntilGone(pids: readonly number[], signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + LINGER_MS;
  while (pids.some(isRunning) && performance.now() < deadlineMs) await delay(50, undefined, { signal });
}

/** Files in shared memory that a process has mapped or open. */
function listSharedMemory(pid: number): string[] {
  const mapped = readOr("", () => readFileSync(`/proc/${pid}/maps`, "utf8"))
    .split("\n")
    .flatMap((line) => /(\/dev\/shm\/.+)$/.exec(line)?.[1] ?? []);
  const files = readOr([], () => readdirSync(`/proc/${pid}/fd`));
  const open = files.map((name) => readOr("", () => readlinkSync(`/proc/${pid}/fd/${name}`)));
  return [...mapped, ...open].filter((path) => path.startsWith(SHARED_MEMORY) && !path.endsWith(" (deleted)"));
}

function readOr<T>(absent: T, read: () => T): T {
  try {
    return read();
  } catch {
    return absent; // the process has ended
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ""), port, timeout: 1_000 });
    const end = (result: boolean) => (): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}
