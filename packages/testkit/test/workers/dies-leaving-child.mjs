// Ends with exit code 3 before it is ready and leaves a child behind in its group, which holds the output pipes.
import { spawn } from "node:child_process";

const child = spawn("sleep", ["300"], { stdio: "inherit" });
child.unref();
console.log(`left ${child.pid}`);
process.exit(3);
