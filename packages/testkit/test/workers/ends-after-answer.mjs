// Listens on the port of argument 1 and ends as argument 2 says: `at-once` or `slowly` after an answer with exit code 1, or `code <n>`
// when it is asked to.
import { createServer } from "node:http";

const [port, how, code] = process.argv.slice(2);
if (how === "code") process.on("SIGTERM", () => process.exit(Number(code)));

function compute() {
  const endsAt = performance.now() + 5;
  while (performance.now() < endsAt);
}

createServer((request, response) => {
  response.end("{}", () => {
    if (request.url === "/health") return;
    if (how === "at-once") setImmediate(() => process.exit(1));
    if (how === "slowly") setImmediate(() => process.exit(void compute() ?? 1));
  });
}).listen(Number(port), "127.0.0.1");
