import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ControlClient } from "../../../src/faults/worker/control-client.js";

/** A control listener that answers everything in one way. */
async function listen(status: number, answer: string) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      seen.push(`${request.method} ${request.url} ${body}`.trim());
      response.writeHead(status, { "content-type": "application/json" }).end(answer);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new ControlClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  return { client, seen };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test("every call is the one of the contract", async () => {
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
