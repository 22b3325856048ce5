// Listens at once on the port of argument 1, and loads: `refuses` with 503, or `resets` connections, until SIGUSR2 ends the loading.
import { createServer } from "node:http";

const [port, how] = process.argv.slice(2);
let isLoading = true;
process.on("SIGUSR2", () => {
  isLoading = false;
  console.log("loaded");
});
createServer((request, response) => {
  if (isLoading && how === "resets") return void request.socket.resetAndDestroy();
  response.writeHead(isLoading || request.url === "/busy" ? 503 : 200).end("{}");
}).listen(Number(port), "127.0.0.1");
