// Another process: listens on every port that it is sent, and answers there.
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";

const broker = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (port) => {
    createHttpServer((_, response) => response.end("{}")).listen(Number(port), "127.0.0.1", () =>
      socket.write("taken"),
    );
  });
});
broker.listen(0, "127.0.0.1", () => console.log("broker", broker.address().port));
