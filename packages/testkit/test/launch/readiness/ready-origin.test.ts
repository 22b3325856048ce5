import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { launchWorker, resolveLaunchOptions, type LaunchOptions } from "../../../src/launch/index.js";
import { errorOf, isRunning, launch, normalise, workerOptions } from "../helpers.js";

const announces = (fields: object, options: Partial<LaunchOptions> = {}): LaunchOptions =>
  workerOptions(["announces", JSON.stringify(fields)], options);
const failureOf = (options: LaunchOptions): Promise<Error> => errorOf(launchWorker(resolveLaunchOptions(options)));
const ownAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;

describe("the host of the ready line", () => {
  test.each([
    ["192.0.2.1"],
    ["example.com"],
    ["localhost.example.com"],
    ["127.0.0.1.example.com"],
    ["127.1"],
    ["2130706433"],
    ["127.0.0.1:80@192.0.2.1"],
    ["127.0.0.1/../@192.0.2.1"],
    ["::ffff:192.0.2.1"],
    [""],
  ])("%s is rejected for a worker that was launched on 127.0.0.1", async (host) => {
    const error = await failureOf(announces({ host }));
    expect(error).toMatchObject({ code: "INVALID_RESPONSE" });
    expect(error.message).toContain(`Expected \`host\` of the ready line to be 127.0.0.1, got ${JSON.stringify(host)}`);
  });

  test("the error shows the line, and the worker is gone", async () => {
    const error = await failureOf(announces({ host: "192.0.2.1" }));
    expect(isRunning((error as unknown as { details: { pid: number } }).details.pid)).toBe(false);
    expect(normalise(error.message)).toMatchInlineSnapshot(`
      "[INVALID_RESPONSE] Expected \`host\` of the ready line to be 127.0.0.1, got "192.0.2.1"
      hint: The worker's output does not decide where requests go. Print the address that \`{host}\` stands for; set \`host\` to launch the worker on another one.
        pid: <pid>
        readyLine: {"event":"ready","worker_id":"w","host":"192.0.2.1","port":4321,pid: <pid>,"model":"m","device":"d"}"
    `);
  });

  test.each(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST"])(
    "%s is loopback",
    async (host) => {
      expect((await launch(announces({ host }))).host).toBe(host);
    },
  );

  test("all addresses are reached over loopback", async () => {
    expect((await launch(announces({ host: "::" }))).host).toBe("::1");
    expect((await launch(announces({ host: "0.0.0.0" }))).host).toBe("127.0.0.1");
  });

  test("the host that the worker was launched on is accepted, another one is not", async () => {
    expect((await launch(announces({ host: "192.0.2.1" }, { host: "192.0.2.1" }))).host).toBe("192.0.2.1");
    const error = await failureOf(announces({ host: "192.0.2.2" }, { host: "192.0.2.1" }));
    expect(error.message).toContain("to be 192.0.2.1 or 127.0.0.1, got");
  });

  test.skipIf(ownAddress === undefined)("an address of this machine that was not requested is rejected", async () => {
    expect(await failureOf(announces({ host: ownAddress }))).toMatchObject({ code: "INVALID_RESPONSE" });
  });
});

describe("control_url of the ready line", () => {
  test.each([
    ["http://192.0.2.1:4322", "http://192.0.2.1:4322"],
    ["http://127.0.0.1@192.0.2.1:4322", "http://127.0.0.1@192.0.2.1:4322"],
    ["http://127.0.0.1.example.com:4322", "http://127.0.0.1.example.com:4322"],
    ["https://127.0.0.1:4322", "https://127.0.0.1:4322"],
    ["file:///etc/passwd", "file:[hidden]"],
    ["unix:/tmp/socket", "unix:[hidden]"],
    ["http://127.0.0.1", "http://127.0.0.1"],
    ["127.0.0.1:4322", "[hidden]"],
    ["", "[hidden]"],
    ["http://[::ffff:192.0.2.1]:4322", "http://[::ffff:192.0.2.1]:4322"],
  ])("%s is rejected", async (control_url, shown) => {
    const error = await failureOf(announces({ control_url }));
    expect(error).toMatchObject({ code: "INVALID_RESPONSE" });
    expect(error.message).toContain("Expected `control_url` of the ready line to be http://127.0.0.1:<port>, got");
    expect(error.message).toContain(`got ${JSON.stringify(shown)}`);
  });

  test.each([
    ["http://127.0.0.1:4322", "http://127.0.0.1:4322"],
    ["http://localhost:4322/", "http://localhost:4322/"],
    ["http://[::1]:4322", "http://[::1]:4322"],
    ["http://[::ffff:127.0.0.1]:4322", "http://[::ffff:127.0.0.1]:4322"],
    ["http://127.0.0.1:4322/a-token/", "http://127.0.0.1:4322/[hidden]"],
    ["http://127.0.0.1:4322/?token=a", "http://127.0.0.1:4322/[hidden]"],
  ])("%s is accepted", async (control_url, shown) => {
    expect((await launch(announces({ control_url }))).readyLine).toMatchObject({ control_url: shown });
  });
});
