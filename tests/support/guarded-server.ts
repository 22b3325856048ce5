import { once } from "node:events";
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A real HTTP server in front of a worker: it passes on what has the key and answers everything else with 401. Like some servers, it repeats
 * what it was sent, in the body of a refusal and in a header of every answer.
 */
export async function startGuardedServer(workerUrl: string, key: string) {
  const refused: string[] = [];
  const passed: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((incoming, response) => {
    const { authorization = "" } = incoming.headers;
    const line = `${incoming.method} ${incoming.url}`;
    if (authorization === `Bearer ${key}`) {
      passed.push(line);
      headers.push(incoming.headers);
      response.setHeader("x-seen", authorization);
      pass(workerUrl, incoming, response);
      return;
    }
    refused.push(line);
    incoming.resume();
    const message = `Incorrect API key provided: ${authorization}`;
    response.writeHead(401, { "content-type": "application/json", "x-seen": encodeURI(authorization) });
    response.end(JSON.stringify({ error: { message, type: "invalid_request_error", code: "invalid_api_key" } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Method and path of the requests without the key. */
    refused,
    /** Method and path of the requests with the key. */
    passed,
    /** Their headers. */
    headers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function pass(workerUrl: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = incoming;
  const outgoing = request(new URL(url ?? "/", workerUrl), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  outgoing.on("error", () => response.destroy());
  response.once("close", () => outgoing.destroy());
  incoming.pipe(outgoing);
}
