// A wrapper: starts `launches-workers.mjs` in the way that argument 1 says, prints its pid, and ends when its input ends. On the
// line "disconnect" it closes the IPC channel.
import { fork, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("launches-workers.mjs", import.meta.url));
const output = ["ignore", "inherit", "inherit"];
const WAYS = {
  forks: () => fork(program, { stdio: [...output, "ipc"] }),
  "forks-detached": () => fork(program, { stdio: [...output, "ipc"], detached: true }),
  "runs-in-a-shell": () =>
    spawn("/bin/sh", ["-c", `${process.execPath} ${program} & echo shell $!; wait`], { stdio: output }),
  "passes-a-test-context": () => spawn(process.execPath, [program], { stdio: output }),
};
const runner = WAYS[process.argv[2]]();
console.log(`runner ${runner.pid}`);
process.stdin.on("data", () => runner.disconnect()).on("end", () => process.exit());
