// Reads streams as cheaply as possible, in a separate process: only counts bytes and looks for the last chunk.
// Arguments: port, streams, rounds. Prints {"ms", "bytes", "cpuMs"} once all are read.
import { once } from "node:events";
import { connect } from "node:net";

const [port, streams, rounds] = process.argv.slice(2).map(Number);
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
let bytes = 0;

const sockets = await Promise.all(Array.from({ length: streams }, open));
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
await Promise.all(sockets.map(readAll));
const ms = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(`${JSON.stringify({ ms, bytes, cpuMs: (user + system) / 1000 })}\n`);
for (const socket of sockets) socket.destroy();

async function open() {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** One job after the other over one connection. */
async function readAll(socket, stream) {
  for (let round = 0; round < rounds; round++) {
    const body = JSON.stringify({ job_id: `job-${stream}`, prompt: "Hello", max_tokens: 2048, seed: 42 });
    const head = `POST /execute HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    socket.write(`${head}\r\n\r\n${body}`);
    await readToLastChunk(socket);
  }
}

function readToLastChunk(socket) {
  return new Promise((resolve, reject) => {
    socket.on("data", onData);
    socket.once("close", onClose);
    function onData(chunk) {
      bytes += chunk.length;
      if (!chunk.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) return;
      socket.off("data", onData).off("close", onClose);
      resolve();
    }
    function onClose() {
      reject(new Error("the connection was closed in the middle of a stream"));
    }
  });
}
