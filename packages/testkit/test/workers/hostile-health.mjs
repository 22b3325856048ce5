// Answers `/health` as its first argument says: `hangs`, `floods`, sends 103 without end (`early-hints`), or is `busy-then-hangs`: 503 to
// the first requests. Listens on the port of the second argument; with a third one, the worker id, it prints the ready line first.
import { createServer } from "node:net";

const [mode, port, workerId] = process.argv.slice(2);
const chunk = `8000\r\n${"[".repeat(0x8000)}\r\n`;
let requestCount = 0;

const ANSWERS = {
  hangs: () => undefined,
  floods: (socket) => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    const go = () => {
      while (socket.bytesWritten < 256 * 1024 * 1024 && socket.write(chunk));
    };
    socket.on("drain", go);
    go();
  },
  "early-hints": (socket) => {
    const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"), 10);
    socket.on("close", () => clearInterval(timer));
  },
  "busy-then-hangs": (socket) => {
    requestCount += 1;
    if (requestCount < 4) socket.end("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
  },
};

const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", () => ANSWERS[mode](socket));
});
server.listen(Number(port), "127.0.0.1", () => {
  if (workerId === undefined) return;
  const facts = { worker_id: workerId, host: "127.0.0.1", port: server.address().port, pid: process.pid };
  process.stdout.write(`${JSON.stringify({ event: "ready", ...facts, model: "m", device: "d" })}\n`);
});
