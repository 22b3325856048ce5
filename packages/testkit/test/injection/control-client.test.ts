import { expect, onTestFinished, test } from "vitest";
import { ControlClient } from "../../src/injection/control-client.js";
import { failure, floodBody, serveRaw } from "../client/hostile-servers.js";

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
