import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { askLsof } from "../../../src/launch/ownership/ask-lsof.js";
import { findPortOwner } from "../../../src/launch/ownership/find-port-owner.js";
import { findQuietPort, launch, workerOptions, workerPath } from "../helpers.js";

const onLinux = process.platform === "linux";
const NOBODY = 65_534;
const listens = { kind: "log", pattern: /listening on port (?<port>\d+)/ } as const;
const unrelated = { pid: process.pid, token: "no-such-token" };

async function listen(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return (server.address() as AddressInfo).port;
}

/** A process that is not this one's child as far as the check is concerned: it owns nothing. */
function startBystander(): { readonly pid: number; readonly token: string } {
  const child = spawn("sleep", ["300"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  return { pid: child.pid!, token: "no-such-token" };
}

describe.runIf(onLinux)("the worker owns its port", () => {
  test("when it listens itself", async () => {
    const worker = await launch(workerOptions(["ready-line"]));
    expect(await worker.findPortOwner()).toEqual({ status: "worker" });
  });

  test("when a child listens", async () => {
    const worker = await launch(workerOptions(["grandchild-holds-port"], { ready: listens }));
    expect(await worker.findPortOwner()).toEqual({ status: "worker" });
  });

  test("when a listening process has left the group and lost its parent", async () => {
    const args = ["-c", `(setsid "$0" "$1" {port} & ); sleep 300`, process.execPath, workerPath("ready-line")];
    const worker = await launch({ command: "/bin/sh", args, ready: { kind: "port" } });
    expect(worker.portOwner).toEqual({ status: "worker" });
  });

  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
    ["127.0.0.1", "::"],
    ["127.0.0.1", "::ffff:127.0.0.1"],
    ["127.0.0.1", "localhost"],
    ["0.0.0.0", "0.0.0.0"],
    ["127.0.0.2", "127.0.0.2"],
    ["::1", "::1"],
    ["::1", "::"],
    ["::", "::"],
    ["localhost", "localhost"],
  ])("queried for %s when it is bound to %s", async (host, bound) => {
    expect(await findPortOwner({ host, port: await listen(bound), worker: unrelated })).toEqual({ status: "worker" });
  });
});

describe.runIf(onLinux)("another process owns the port", () => {
  test("it is reported with its pid and command line", async () => {
    const port = await listen("127.0.0.1");
    const owner = await findPortOwner({ host: "127.0.0.1", port, worker: startBystander() });
    expect(owner).toMatchObject({ status: "other", pid: process.pid });
    expect(owner).toMatchObject({ command: expect.stringMatching(/node|vitest/) as string });
  });

  test("a specific address takes precedence over one bound to all", async () => {
    const port = await listen("127.0.0.1");
    const owner = await findPortOwner({ host: "127.0.0.2", port, worker: unrelated });
    expect(owner).toMatchObject({ status: "unverified" });
  });
});

describe.runIf(onLinux)("the owner is unverified", () => {
  test("when no listening socket can be seen", async () => {
    const owner = await findPortOwner({ host: "127.0.0.1", port: await findQuietPort(), worker: unrelated });
    expect(owner).toEqual({
      status: "unverified",
      reason: "no listening socket can be seen; the port may be forwarded",
    });
  });

  test("when the host name is unknown", async () => {
    const owner = await findPortOwner({ host: "no-such-host.invalid", port: 1, worker: unrelated });
    expect(owner).toMatchObject({ status: "unverified", reason: expect.stringContaining("no-such-host") as string });
  });

  test.skipIf(process.getuid?.() !== 0)("when the socket belongs to a user whose processes are hidden", async () => {
    const listener = await launch(workerOptions(["ready-line"]));
    const { port } = listener;
    const worker = startBystander();
    process.seteuid!(NOBODY); // as a test runner that is not root
    try {
      const owner = await findPortOwner({ host: "127.0.0.1", port, worker });
      expect(owner).toEqual({
        status: "unverified",
        reason: `the listening socket belongs to user 0, whose processes user ${NOBODY} cannot inspect`,
      });
    } finally {
      process.seteuid!(0);
    }
  });
});

describe("lsof, where there is no /proc", () => {
  function installLsof(script: string): void {
    const folder = mkdtempSync(join(tmpdir(), "inference-testkit-test-lsof-"));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    writeFileSync(join(folder, "lsof"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "lsof"), 0o755);
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
  }
  const ask = () => askLsof({ address: "127.0.0.1", port: 4321, worker: unrelated });

  test("one of the worker's processes is the owner", async () => {
    installLsof(`printf 'p1\\ncinit\\nf3\\np${process.pid}\\ncnode\\nf20\\n'`);
    expect(await ask()).toEqual({ status: "worker" });
  });

  test("any other process is a foreign owner", async () => {
    installLsof(`[ "$*" = "-nP -iTCP:4321 -sTCP:LISTEN -Fpc" ] && printf 'p1\\ncinit\\nf3\\n'`);
    expect(await ask()).toEqual({ status: "other", pid: 1, command: "init" });
  });

  test("an empty list is unknown, a failure is unverified", async () => {
    installLsof("exit 1");
    expect(await ask()).toBeUndefined();
    installLsof("exit 3");
    expect(await ask()).toMatchObject({
      status: "unverified",
      reason: expect.stringContaining("`lsof` failed") as string,
    });
  });

  test("a system without lsof is unverified", async () => {
    vi.stubEnv("PATH", "/no-such-folder");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await ask()).toEqual({ status: "unverified", reason: "`lsof` is not installed" });
  });
});
