import { readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { expect, test, type TestContext } from "vitest";
import { isTestkitError, WorkerTestHarness, type ExecuteResponse } from "inference-testkit";
import { hostFault, type AvailableHostFault, type HostFault } from "inference-testkit/faults";
import { rejectionOf, waitFor } from "./support/conditions.js";
import { inlineProgram } from "./support/foreign.js";
import { complete, makeRequest } from "./support/jobs.js";

/** What cannot be had here is skipped with the reason. */
function need(context: TestContext, fault: HostFault): AvailableHostFault {
  return fault.status === "available" ? fault : context.skip(fault.reason);
}

/** A program under a limit that listens on its port. */
const listening = (source: string, limit: AvailableHostFault) => ({
  ...inlineProgram(source, { env: { PORT: "{port}" }, checkIdentity: false, ready: { kind: "port" } }),
  hostFaults: [limit],
});

const limitsOf = (worker: WorkerTestHarness): string => readFileSync(`/proc/${worker.pid}/limits`, "latin1");

test("open-files-limit: connections beyond it fail, the worker continues, and serves again when they are gone", async (context) => {
  const limit = need(context, hostFault("open-files-limit", { limit: 64 }));
  await using worker = await WorkerTestHarness.startMock({
    hostFaults: [limit],
    parallel: 128,
    stub: { faults: [{ id: "hang", match: { jobId: "many-*" } }] },
  });
  const execute = (_: unknown, n: number) =>
    worker.execute(makeRequest({ job_id: `many-${n}` }), { timeoutMs: 5_000, dedicatedConnection: true });

  const answers = await Promise.allSettled(Array.from({ length: 100 }, execute));

  const open = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const failures = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
  expect(limitsOf(worker)).toMatch(/Max open files\s+64\s+64/);
  expect(open.length).toBeGreaterThan(10);
  expect(failures.length).toBeGreaterThan(30);
  for (const failure of failures) {
    expect(isTestkitError(failure, "CONNECT_FAILED") || isTestkitError(failure, "LIMIT_HEADERS")).toBe(true);
  }
  open.forEach((response: ExecuteResponse) => response.abort());
  await waitFor(
    "descriptors",
    async () => (await worker.health().catch(() => undefined))?.slots.busy === 0 || undefined,
  );
  await complete(worker);
  const accounts = await waitFor("the control listener", () => worker.faults.accounts().catch(() => undefined));
  expect(accounts).toMatchObject([{ id: "open-files-limit", fired: 1 }, { id: "hang" }]);
});

test("disk-full: a worker whose log cannot be written still serves", async (context) => {
  const limit = need(context, hostFault("disk-full"));
  const source = `const { writeSync } = require("node:fs");
    const log = () => { try { writeSync(2, "a line\\n"); return "written"; } catch (error) { return error.code; } };
    require("node:http").createServer((_, response) => response.end(log())).listen(process.env.PORT, "127.0.0.1")`;
  await using program = await WorkerTestHarness.launch(listening(source, limit));
  await using worker = await WorkerTestHarness.startMock({ hostFaults: [limit] });

  expect(await (await program.request("/")).text()).toBe("ENOSPC");
  expect(readlinkSync(`/proc/${worker.pid}/fd/2`)).toBe("/dev/full");
  await complete(worker);
  expect(await worker.faults.accounts()).toMatchObject([{ id: "disk-full", fired: 1 }]);
});

test("file-size-limit: a worker that writes no files serves; one that does dies of SIGXFSZ", async (context) => {
  const limit = need(context, hostFault("file-size-limit", { bytes: 4_096 }));
  const listens = `require("node:http").createServer((_, r) => r.end()).listen(process.env.PORT, "127.0.0.1")`;
  const writes = `${listens}; const { execFileSync } = require("node:child_process");
    try { execFileSync("sh", ["-c", "exec head -c 8192 /dev/zero > $TMPDIR/too-large"]) } catch (e) { console.log("it ended by", e.signal) }
    require("node:fs").rmSync(process.env.TMPDIR + "/too-large")`;
  await using writer = await WorkerTestHarness.launch(listening(writes, limit));
  await using worker = await WorkerTestHarness.startMock({ hostFaults: [limit] });

  expect((await writer.logs.waitFor("it ended by")).text).toBe("it ended by SIGXFSZ");
  await complete(worker);
  expect(limitsOf(worker)).toMatch(/Max file size\s+4096\s+4096/);
});

test("file-size-limit: a program that dies of it during the start is PROCESS_DIED (SIGXFSZ)", async (context) => {
  const limit = need(context, hostFault("file-size-limit", { bytes: 512 }));
  const args = ["-c", 'exec head -c 8192 /dev/zero > "$TMPDIR/too-large"'];
  const clean = { env: { PORT: "{port}" }, ready: { kind: "port" }, hostFaults: [limit] } as const;
  const error = await rejectionOf(WorkerTestHarness.launch({ command: "/bin/sh", args, ...clean }));

  expect(isTestkitError(error, "PROCESS_DIED")).toBe(true);
  expect(error.message).toContain("SIGXFSZ");
  rmSync(`${process.env["TMPDIR"]}/too-large`);
});

test("cpu-quota: the worker is slow but serves, and its control group is removed with it", async (context) => {
  const limit = need(context, hostFault("cpu-quota", { percent: 20 }));
  const worker = await WorkerTestHarness.startMock({ hostFaults: [limit] });
  const group = /inference-testkit-\d+-\d+/.exec(readFileSync(`/proc/${worker.pid}/cgroup`, "latin1"))?.[0];
  const usedMs = () => {
    const fields = readFileSync(`/proc/${worker.pid}/stat`, "latin1").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
  const cpuBefore = usedMs();
  const startedAt = performance.now();

  await Promise.all(Array.from({ length: 8 }, () => complete(worker, { max_tokens: 2_000 })));

  const share = (usedMs() - cpuBefore) / (performance.now() - startedAt);
  expect(share).toBeLessThan(0.45);
  expect(await worker.faults.accounts()).toMatchObject([{ id: "cpu-quota", fired: 1 }]);
  await worker.restart();
  expect(await worker.faults.accounts()).toMatchObject([{ id: "cpu-quota", fired: 2 }]);
  await worker.stop();
  expect(group).toBeDefined();
  expect(findGroups()).not.toContain(group);
});

test("several limits and a custom wrapper stack, and the process is the worker", async (context) => {
  const hostFaults = [
    need(context, hostFault("open-files-limit", { limit: 100 })),
    need(context, hostFault("disk-full")),
  ];
  await using worker = await WorkerTestHarness.startMock({ hostFaults, wrapper: ["/usr/bin/env", "WRAPPED=yes"] });

  expect(limitsOf(worker)).toMatch(/Max open files\s+100\s+100/);
  expect(readlinkSync(`/proc/${worker.pid}/fd/2`)).toBe("/dev/full");
  expect(readFileSync(`/proc/${worker.pid}/environ`, "latin1")).toContain("WRAPPED=yes");
  expect(worker.logs.text()).toContain(`"pid":${worker.pid}`);
});

test("a limit that is not in force has not fired", async (context) => {
  const limit = need(context, hostFault("open-files-limit", { limit: 1_000 }));
  const wrapper = ["/bin/sh", "-c", 'ulimit -n 500 && exec "$@"', "stricter"];
  const worker = await WorkerTestHarness.startMock({ hostFaults: [limit], wrapper });

  expect((await rejectionOf(worker.stop())).message).toContain('"Max open files" is 500/500');
});

test("a limit that is not available here is rejected with the reason", async (context) => {
  const missing = hostFault("open-files-limit", { limit: 1_000_000 });
  if (missing.status === "available") context.skip("this process may have a million open files");

  const error = await rejectionOf(WorkerTestHarness.startMock({ hostFaults: [missing] }));

  expect(isTestkitError(error, "INVALID_OPTION")).toBe(true);
  expect(error.message).toContain("`open-files-limit` is not: this process itself may have only");
});

test("an invalid limit is rejected", () => {
  expect(() => hostFault("open-files-limit", { limit: 3 })).toThrow(/`hostFault.limit`/);
  expect(() => hostFault("rst" as "disk-full")).toThrow(/needs the proxy/);
  expect(() => hostFault("disk-full", { bytes: 3 } as never)).toThrow(/not a parameter of this fault/);
});

/** Control groups of this framework that exist. */
function findGroups(folder = "/sys/fs/cgroup", depth = 2): string[] {
  try {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const deeper = depth === 0 ? [] : folders.flatMap(({ name }) => findGroups(`${folder}/${name}`, depth - 1));
    return [...folders.map(({ name }) => name), ...deeper];
  } catch {
    return []; // gone by now, or another user's
  }
}
