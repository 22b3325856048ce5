import { expect, onTestFinished, test } from "vitest";
import { WorkerError } from "inference-worker-protocol";
import type { StubConfigInput } from "worker-orcd-control";
import { HttpServer, PLAIN_BEHAVIOR } from "../../src/http/index.js";
import { stubEngine } from "../support/engines.js";
import { connectRaw, rawPost, type RawConnection } from "../support/raw-connection.js";
import { job } from "../support/requests.js";
import { waitFor } from "../support/wait-for.js";
import { Bench } from "../support/bench.js";

const NEVER: StubConfigInput = { content: "counter", timing: { itlMs: [1, 3_600_000] } };

/** The HTTP side alone, in this process. */
async function startServer(): Promise<{ server: HttpServer; bench: Bench; connect: () => Promise<RawConnection> }> {
  const engine = stubEngine(NEVER);
  const bench = new Bench(engine);
  const server = new HttpServer({
    workerId: "w",
    version: "0.0.0",
    engine,
    scheduler: bench.scheduler,
    metrics: bench.metrics,
    logger: bench.logger,
    maxTokensOut: 2048,
    behavior: PLAIN_BEHAVIOR,
    stopping: false,
    uptimeSeconds: () => 0,
    requestShutdown: () => undefined,
  });
  const port = await server.listen("127.0.0.1", 0);
  onTestFinished(async () => {
    await bench.scheduler.drain(0);
    await server.close();
  });
  return { server, bench, connect: () => connectRaw(port) };
}

const GET_HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

test.each<[string, string]>([
  ["that never sent anything", ""],
  ["that is idle", GET_HEALTH],
  ["that sent half a head", "POST /execute HTTP/1.1\r\nHo"],
  ["that sent half a body", rawPost("/execute", job()).slice(0, -3)],
])("close() does not wait for a connection %s", async (_name, bytes) => {
  const { server, connect } = await startServer();
  const [connection, other] = [await connect(), await connect()];
  connection.send(bytes);
  other.send(GET_HEALTH); // later than the bytes above: when it is answered, they have been read
  await other.waitForText(/healthy/);
  await server.close();
  await connection.closed;
});

test("close() waits for a stream and nothing else", async () => {
  const { server, bench, connect } = await startServer();
  const connection = (await connect()).send(rawPost("/execute", job({ job_id: "a" })));
  await connection.waitForText(/event: token/);
  let closed = false;
  const closing = server.close().then(() => (closed = true));
  bench.scheduler.cancel("a");
  expect(closed).toBe(false);
  await closing;
  await connection.closed;
  expect(connection.text).toMatch(/event: error\ndata: .*"CANCELLED".*\n\n/);
});

test("close() is idempotent", async () => {
  const { server } = await startServer();
  await Promise.all([server.close(), server.close()]);
});

test("listen() on a taken port rejects with PORT_IN_USE", async () => {
  const first = await startServer();
  const second = await startServer();
  const port = (await first.connect()).socket.remotePort!;
  await second.server.close();
  await expect(second.server.listen("127.0.0.1", port)).rejects.toThrow(WorkerError);
  await expect(second.server.listen("127.0.0.1", port)).rejects.toMatchObject({ code: "PORT_IN_USE" });
});

test("a client that goes away while its body is read is not a failure of the worker", async () => {
  const { bench, connect } = await startServer();
  const connection = (await connect()).send(rawPost("/execute", job()).slice(0, -3));
  const other = (await connect()).send(GET_HEALTH);
  await other.waitForText(/healthy/);
  connection.socket.resetAndDestroy();
  await waitFor("the request to be counted", () => bench.outcomes["rejected"] === 1);
  expect(bench.log).toEqual([]);
});
