// Starts a process in a session of its own, which the process group no longer covers.
import { spawn } from "node:child_process";

const child = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
child.unref();
console.log(`escaped ${child.pid}, listening on port 1`);
setInterval(() => {}, 60_000);
