import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { FaultProxy, type FaultSpec, type ProxyFaultId } from "inference-testkit/faults";
import { expect, onTestFinished, test } from "vitest";
import { askRaw, rawExecute, serveRawWorker } from "./servers.js";

const EVENT = 'event: started\ndata: {"job_id":"a"}\n\n';
/** The body ends with the connection: only how it ends says whether it is whole. */
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n${EVENT}`;

/** Without faults the answer is relayed, with one it goes through in pieces. */
const PATHS: readonly [string, readonly FaultSpec<ProxyFaultId>[]][] = [
  ["no fault is armed", []],
  ["a fault of the stream is armed", [{ id: "latency", ms: 1 }]],
];

test.each(PATHS)(
  "a body without a length that the worker resets is reset for the client when %s",
  async (_, faults) => {
    let worker: Socket | undefined;
    await using server = await serveRawWorker((socket) => (worker = socket).write(ANSWER));
    await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd", faults });

    const client = connect(proxy.port, "127.0.0.1");
    client.write(rawExecute("a"));
    let text = "";
    client.on("data", (bytes) => (text += bytes.toString("latin1")).includes("started") && worker?.resetAndDestroy());

    await expect(once(client, "end")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(text).toContain("started");
  },
);

test.each(PATHS)(
  "a body without a length that the worker closes is closed for the client when %s",
  async (_, faults) => {
    await using server = await serveRawWorker((socket) => socket.end(ANSWER));
    await using proxy = await FaultProxy.inFrontOf(server.url, { dialect: "orcd", faults });

    const answer = await askRaw(proxy.port, rawExecute("a"));

    expect(answer.text).toContain("started");
    expect(answer.endedBy).toBe("FIN");
  },
);

/** Another process, because in this one the proxy would read the bytes before the reset is sent. */
const WRITES_AND_RESETS = `
  const health = '{"worker_id":"test-server"}';
  const server = require("node:net").createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      const isHealth = bytes.toString("latin1").startsWith("GET /health");
      socket.write(isHealth ? "HTTP/1.1 200 OK\\r\\ncontent-length: " + health.length + "\\r\\n\\r\\n" + health : process.argv[1]);
      if (!isHealth) socket.resetAndDestroy();
    });
  }).listen(0, "127.0.0.1", () => process.stdout.write(String(server.address().port)));
  setTimeout(() => process.exit(), 60_000);`;

// Elsewhere the system does not report bytes and a reset as one event.
test.runIf(process.platform === "linux").each(PATHS)(
  "a reset that arrives together with the last bytes is passed on as one when %s",
  async (_, faults) => {
    const child = spawn(process.execPath, ["-e", WRITES_AND_RESETS, ANSWER], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await once(child, "close");
    });
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    await using proxy = await FaultProxy.inFrontOf(`http://127.0.0.1:${port.toString()}`, { dialect: "orcd", faults });

    for (let round = 0; round < 10; round += 1) {
      const answer = await askRaw(proxy.port, rawExecute("a"));
      expect(answer.endedBy).toBe("ECONNRESET");
    }
  },
);
