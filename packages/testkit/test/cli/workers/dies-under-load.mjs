// Refuses five jobs, and ends with code 3 at the next one.
import { createServer } from "node:http";

const ANSWERED = 5;
let count = 0;

createServer((request, response) => {
  if (request.url === "/health") {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ status: "healthy", worker_id: "dies", model: "m" }));
    return;
  }
  count += request.method === "POST" ? 1 : 0;
  if (count > ANSWERED) {
    console.error("ends with code 3");
    process.exit(3);
  }
  response.writeHead(503).end("{}");
}).listen(Number(process.argv[2]), "127.0.0.1");
