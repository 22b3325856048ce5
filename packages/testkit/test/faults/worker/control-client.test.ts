import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { inspect } from "node:util";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ControlClient } from "../../../src/faults/worker/control-client.js";
import { failure, floodBody, serveRaw } from "../../client/hostile-servers.js";

const TOKEN = "s3cret-token_of-the-listener";

/** A control listener that answers everything in one way. */
async function listen(status: number, answer: string, path = "") {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      seen.push(`${request.method} ${request.url} ${body}`.trim());
      response.writeHead(status, { "content-type": "application/json" }).end(answer);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new ControlClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  return { client, seen, server };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test("every call follows the contract", async () => {
  const { client, seen } = await listen(200, '{"keys":["hang#1"],"faults":[],"jobs":[],"dropped":0}');

  expect(await client.arm([{ id: "hang" }])).toEqual(["hang#1"]);
  expect(await client.accounts()).toEqual([]);
  await client.disarm();
  await client.disarm("hang#1");
  await client.configure({ content: "echo" });
  await client.journal();
  await client.journal("a/b");

  expect(seen).toEqual([
    'POST /faults {"faults":[{"id":"hang"}]}',
    "GET /faults",
    "DELETE /faults",
    "DELETE /faults/hang%231",
    'PUT /config {"content":"echo"}',
    "GET /journal",
    "GET /journal?job_id=a%2Fb",
  ]);
});

test.each([
  { status: 400, answer: '{"message":"no such fault"}', code: "INVALID_OPTION", message: "no such fault" },
  { status: 400, answer: "not JSON", code: "INVALID_OPTION", message: "answered 400: not JSON" },
  { status: 404, answer: "{}", code: "HTTP_FAILED", message: "answered 404" },
  { status: 200, answer: "<html>", code: "INVALID_RESPONSE", message: "got `<html>`" },
])("an answer $status $answer is $code", async ({ status, answer, code, message }) => {
  const { client } = await listen(status, answer);

  const error: unknown = await client.accounts().catch((cause: unknown) => cause);

  expect(error).toMatchObject({ code });
  expect((error as Error).message).toContain(message);
});

test("the path of the address is the prefix of every path", async () => {
  const { client, seen } = await listen(200, '{"keys":[],"faults":[],"jobs":[]}', `/${TOKEN}`);
  await client.accounts();
  await client.journal("a");
  await client.disarm("hang#1");
  expect(seen).toEqual([`GET /${TOKEN}/faults`, `GET /${TOKEN}/journal?job_id=a`, `DELETE /${TOKEN}/faults/hang%231`]);
});

test.each([
  ["a refusal", 400, "{}"],
  ["a status", 404, "{}"],
  ["an answer that is not JSON", 200, "<html>"],
  ["a closed listener", 0, ""],
])("no error after %s contains the path of the address", async (_name, status, answer) => {
  const { client, server } = await listen(status || 200, answer, `/${TOKEN}`);
  if (status === 0) {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }
  const error: unknown = await client.accounts().catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toContain("http://127.0.0.1:");
  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(TOKEN);
});

function connect(url: string): ControlClient {
  const control = new ControlClient(url);
  onTestFinished(() => control.close());
  return control;
}

test("a journal may be larger than other answers", async () => {
  const text = JSON.stringify({ jobs: [{ job_id: "x".repeat(3 * 1024 * 1024) }], dropped: 0 });
  const server = await serveRaw((socket) =>
    socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${text.length}\r\n\r\n${text}`),
  );

  expect(await connect(server.url).journal()).toEqual(JSON.parse(text));
});

test.each<[string, string, (control: ControlClient) => Promise<unknown>]>([
  ["200 OK", "INVALID_RESPONSE", (control) => control.accounts()],
  ["500 Internal Server Error", "HTTP_FAILED", (control) => control.arm([])],
  ["400 Bad Request", "INVALID_OPTION", (control) => control.configure({})],
])("an answer of %s that never ends is %s", async (status, code, call) => {
  const server = await serveRaw(floodBody(status));

  expect((await failure(call(connect(server.url)))).code).toBe(code);
  expect(server.sentBytes()).toBeLessThan(32 * 1024 * 1024);
});
