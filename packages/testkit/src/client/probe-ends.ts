import type { Socket } from "node:net";

/**
 * Detects a reset behind an end of stream. On Linux, libuv reports a reset that arrives together with bytes as the end of the stream;
 * the error is left for the next system call. An empty write sends nothing and fails with it.
 */
export function probeEnds(socket: Socket): void {
  const push = socket.push.bind(socket);
  socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk !== null || !socket.writable || socket.writableLength > 0) return push(chunk, encoding);
    socket.write("", (error) => {
      if (!error) push(null);
    });
    return false;
  };
}
