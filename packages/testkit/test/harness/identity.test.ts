import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { WorkerTestHarness, type ProgramOptions } from "../../src/harness/index.js";
import { errorOf } from "../launch/helpers.js";

const onLinux = process.platform === "linux";

/** A server whose /health answers with that status and body. */
function server(status: number, body: string, options: Partial<ProgramOptions> = {}): ProgramOptions {
  const source = `require("node:http").createServer((_, r) => r.writeHead(${status}).end(${JSON.stringify(body)})).listen(Number(process.argv[1]), "127.0.0.1")`;
  const args = ["-e", source, "{port}", "--alias", "{workerId}"];
  return { command: process.execPath, args, workerId: "w1", ready: { kind: "port" }, ...options };
}

describe.runIf(onLinux)(
  "a worker that uses {workerId} for something else is distinguished from another process",
  () => {
    test.each([
      [200, '{"status":"ok"}', 'no worker_id in `{"status":"ok"}` (status 200)'],
      [200, "", "no worker_id (status 200)"],
      [404, "not found", "no worker_id in `not found` (status 404)"],
      [200, '{"worker_id":"other"}', 'worker_id "other" (status 200)'],
      [200, '{"worker_id":7}', 'no worker_id in `{"worker_id":7}` (status 200)'],
      [200, "null", "no worker_id in `null` (status 200)"],
      [200, JSON.stringify({ worker_id: "x".repeat(9_999) }), `worker_id "${"x".repeat(200)}…" (status 200)`],
    ])("status %i, body %s", async (status, body, got) => {
      const error = await errorOf(WorkerTestHarness.launch(server(status, body)));

      expect(error).toMatchObject({ code: "WRONG_IDENTITY", details: { expected: "w1", got } });
      expect(error.message).toContain("The worker that was started answers on http://127.0.0.1:");
      expect(error.message).toContain(`but its /health reports ${got} instead of \`w1\``);
      expect(error.message).toContain("set `checkIdentity: false`");
    });

    test("`checkIdentity: false` accepts it, and the owner of the port is still checked", async () => {
      await using worker = await WorkerTestHarness.launch(server(200, "{}", { checkIdentity: false }));
      expect(worker.portOwner).toEqual({ status: "worker" });
    });
  },
);

test.runIf(onLinux)("another process that answers at the worker's address is named", async () => {
  const other = createServer((_, response) => void response.setHeader("connection", "close").end("{}")).listen(
    0,
    "127.0.0.1",
  );
  onTestFinished(async () => {
    await new Promise((resolve) => other.close(resolve));
  });
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const ready = { event: "ready", worker_id: "w1", host: "127.0.0.1", port, pid: 1, model: "m", device: "d" };
  const source = `console.log(process.argv[1]); setInterval(() => {}, 60_000)`;
  const program = { command: process.execPath, args: ["-e", source, JSON.stringify(ready)], workerId: "w1" };

  const error = await errorOf(WorkerTestHarness.launch(program));

  expect(error).toMatchObject({ code: "WRONG_IDENTITY", details: { owner: { pid: process.pid } } });
  expect(error.message).toContain(`Port ${port} on 127.0.0.1 belongs to another process, pid ${process.pid}`);
});
