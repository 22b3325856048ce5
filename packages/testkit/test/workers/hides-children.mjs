// Starts processes that have left the group, have a session of their own and no variable in their environment: one that stays
// a child of this program, and one that loses its parent when this program gets SIGUSR2.
import { spawn } from "node:child_process";

const hidden = { detached: true, env: {} };
const child = spawn("/bin/sleep", ["311"], { ...hidden, stdio: "ignore" });
const parent = spawn("/bin/sh", ["-c", "/bin/sleep 312 >/dev/null & echo $!; read -r _line"], {
  ...hidden,
  stdio: ["pipe", "pipe", "ignore"],
});
parent.stdout.once("data", (text) => {
  console.log(`children ${child.pid} ${Number(text)} listening on port 1`);
  child.unref();
});
process.on("SIGUSR2", () => parent.stdin.end());
parent.once("exit", () => console.log("orphaned"));
setInterval(() => {}, 60_000);
