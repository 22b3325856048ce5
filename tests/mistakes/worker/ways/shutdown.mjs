// Mistakes at the end: signals, exit codes, children.
import { spawn } from "node:child_process";
import { openSync, writeFileSync } from "node:fs";

const child = (worker, options, program = ["/bin/sleep", "300"]) => {
  worker.onReady = async () => void spawn(program[0], program.slice(1), { stdio: "ignore", ...options });
};

export const SHUTDOWN = {
  "ignores-sigterm": (worker) => (worker.shutDown = () => undefined),
  "waits-for-connections": (worker) => {
    // `close()` alone waits for connections that are kept alive, and those never end.
    worker.onReady = async () => void (worker.server.keepAliveTimeout = 0);
    worker.shutDown = () => {
      worker.server.closeIdleConnections = () => undefined;
      worker.server.close(() => process.exit(0));
    };
  },
  "thread-keeps-running": (worker) => {
    worker.shutDown = () => {
      worker.server.close();
      worker.server.closeAllConnections();
      setInterval(() => undefined, 1_000);
    };
  },
  "exits-with-1": (worker) => (worker.shutDown = () => process.exit(1)),
  "aborts-at-shutdown": (worker) => (worker.shutDown = () => process.abort()),
  "leaves-a-child": (worker) => child(worker, { detached: true }),
  "leaves-a-stubborn-child": (worker) =>
    child(worker, {}, ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"]),
  "leaves-a-hidden-child": (worker) => {
    const file = () => openSync(process.env.OUTPUT ?? "/dev/null", "a");
    worker.onReady = async () => {
      const stdio = ["ignore", worker.server._handle, "ignore", file()];
      spawn("/bin/sh", ["-c", "/bin/sleep 300 & exit 0"], { detached: true, env: {}, stdio });
    };
  },
  "ignores-shutdown-request": (worker) => {
    worker.answerShutdown = (response) => response.writeHead(202).end();
  },
  "refuses-shutdown-request": (worker) => (worker.answerShutdown = (response) => response.writeHead(404).end()),
  "cuts-jobs-at-shutdown": (worker) => (worker.shutDown = () => process.exit(0)),
  "does-not-start-again": (worker) => {
    worker.load = async () => {
      if (Number(process.env.INFERENCE_TESTKIT_START) > 1)
        throw new Error("the lock file of the last start is still there");
    };
  },
  "leaves-files": () => writeFileSync("left-behind.tmp", "kv cache"),
};
