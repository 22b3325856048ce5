import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A request as the server received it. */
export interface Received {
  readonly path: string;
  readonly body: Record<string, unknown>;
  /** Whether the client left before the answer was complete. */
  wasLeft: boolean;
}

/** Pause between two tokens of the prompt "slow". */
const SLOW_MS = 20;

/**
 * A real HTTP server with other paths, another body and other events than this project's protocol. The prompt decides: `slow` has pauses,
 * `refuse` is answered 429, `page` 502, `cut` ends without `[DONE]`, `unfinished` without a reason.
 */
export async function startTinyServer() {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === "/v1/models") return response.end('{"data":[]}');
      if (request.url !== "/v1/completions") return response.writeHead(404).end();
      const job: Received = {
        path: request.url,
        body: JSON.parse(await text(request)) as Record<string, unknown>,
        wasLeft: false,
      };
      received.push(job);
      response.once("close", () => (job.wasLeft = !response.writableFinished));
      return complete(job.body, response);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function complete({ prompt, max_tokens }: Record<string, unknown>, response: ServerResponse) {
  if (prompt === "refuse") {
    return response.writeHead(429).end('{"error":{"code":"rate_limited","message":"later"}}');
  }
  if (prompt === "page") return response.writeHead(502).end("null");
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (text: string, finish_reason: string | null) =>
    response.write(`data: ${JSON.stringify({ choices: [{ text, finish_reason }] })}\n\n`);
  send("", null);
  for (let index = 0; index < Number(max_tokens) && !response.destroyed; index++) {
    send(` w${index}`, null);
    if (prompt === "slow") await pause(SLOW_MS);
  }
  if (prompt !== "unfinished") send("", "length");
  if (prompt !== "cut" && prompt !== "unfinished") response.write("data: [DONE]\n\n");
  return response.end();
}
