// Answers 503 to the first requests and 200 from the fourth on.
import { createServer } from "node:http";

let requestCount = 0;
const server = createServer((_request, response) => {
  requestCount += 1;
  response.writeHead(requestCount > 3 ? 200 : 503, { connection: "close" }).end(process.argv[3]);
});
server.listen(Number(process.argv[2]), "127.0.0.1");
