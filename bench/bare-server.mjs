// The least that a worker has to do: the frames of one stream (a JSON array in the file of the argument), each written as it
// "arises", with a turn of the event loop in between, and waiting for slow clients. Prints its port.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";

const frames = JSON.parse(readFileSync(process.argv[2], "utf8"));
const MAX_BUFFERED_BYTES = 64 * 1024;

const server = createServer({ noDelay: true }, (request, response) => {
  request.resume();
  request.once("end", () => void write(response));
});
server.listen({ host: "127.0.0.1", port: 0 }, () => process.stdout.write(`${server.address().port}\n`));

async function write(response) {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  response.flushHeaders();
  for (const frame of frames) {
    await nextTurn();
    response.write(frame);
    if (response.writableLength > MAX_BUFFERED_BYTES) await once(response, "drain");
  }
  response.end();
}
