// Runs into a real bind conflict on its port (argument 1) as often as argument 3 says; the file of argument 2 counts.
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

const [port, file, conflictCount] = process.argv.slice(2);
appendFileSync(file, `${port}\n`);
const startCount = readFileSync(file, "utf8").trim().split("\n").length;
createServer().listen(Number(port), "127.0.0.1", () => {
  if (startCount <= Number(conflictCount)) createServer().listen(Number(port), "127.0.0.1");
  else console.log("bound");
});
