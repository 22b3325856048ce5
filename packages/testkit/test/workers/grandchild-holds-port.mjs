// Ends when asked to, but leaves a child in its group that holds the port and ignores SIGTERM.
import { spawn } from "node:child_process";

const program = `
  process.on("SIGTERM", () => {});
  const server = require("node:net").createServer();
  server.listen(0, "127.0.0.1", () => console.log("grandchild", process.pid, "listening on port", server.address().port));
`;
spawn(process.execPath, ["-e", program], { stdio: "inherit" });
process.on("SIGTERM", () => process.exit(0));
setInterval(() => {}, 60_000);
