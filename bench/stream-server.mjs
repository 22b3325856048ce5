// Serves one prepared stream of token events, in the dialect that it is given, as fast as the socket takes it; on `/paced` tokens some milliseconds apart, each with the
// moment at which it was sent.
import { createServer } from "node:http";
import { encodeSseEvent } from "inference-worker-protocol";
import { contentTypeOf, DIALECT_FRAMES } from "./dialect-frames.mjs";

const CHUNK_BYTES = 64 * 1024;
const count = Number(process.argv[2]);
const dialect = process.argv[3] ?? "orcd";

const { head, token, tail } = DIALECT_FRAMES[dialect];
const frames = [head(), ...Array.from({ length: count }, (_, i) => token(i)), tail(count)];
const bytes = Buffer.from(frames.join(""));

const server = createServer((request, response) => {
  if (request.url === "/health") return response.end('{"worker_id":"bench"}');
  if (request.url === "/paced") return sendPaced(response);
  response.writeHead(200, { "content-type": contentTypeOf(dialect) });
  let offset = 0;
  const write = () => {
    while (offset < bytes.length) {
      const chunk = bytes.subarray(offset, offset + CHUNK_BYTES);
      offset += chunk.length;
      if (!response.write(chunk)) {
        response.once("drain", write);
        return;
      }
    }
    response.end();
  };
  write();
});
const GAP_MS = 2;
const PACED_COUNT = 400;

/** On the clock of `process.hrtime`, which all processes of a machine share. */
async function sendPaced(response) {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  for (let i = 0; i < PACED_COUNT; i++) {
    await new Promise((resolve) => setTimeout(resolve, GAP_MS));
    response.write(encodeSseEvent({ type: "token", t: String(process.hrtime.bigint()), i }));
  }
  response.end();
}

server.listen(0, "127.0.0.1", () => process.send(`http://127.0.0.1:${server.address().port}/`));
process.once("disconnect", () => process.exit());
