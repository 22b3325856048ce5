// A stand-in for a test runner: starts three workers, one with a child in its group, one with a child that has left it,
// and prints their pids. Then it waits, or ends as argument 1 says.
import { fileURLToPath } from "node:url";
import { launchWorker, resolveLaunchOptions } from "../../../dist/launch/index.js";

const launch = (name) =>
  launchWorker(
    resolveLaunchOptions({
      command: process.execPath,
      args: [fileURLToPath(new URL(`../../workers/${name}.mjs`, import.meta.url))],
      stopGraceMs: 200,
      ready: { kind: "log", pattern: /listening on port (?<port>\d+)/ },
    }),
  );

const workers = await Promise.all(["ignores-sigterm", "grandchild-holds-port", "escapes-group"].map(launch));
const children = workers.flatMap((worker) => {
  const pid = /(?:grandchild|escaped) (\d+)/.exec(worker.logs.text())?.[1];
  return pid === undefined ? [] : [Number(pid)];
});
console.log(`pids ${[...workers.map((worker) => worker.pid), ...children].join(" ")}`);
if (process.argv[2] === "exit") process.exit(0);
if (process.argv[2] === "stop") await Promise.all(workers.map((worker) => worker.stop()));
else setInterval(() => {}, 60_000);
if (process.argv[2] === "relaunch") {
  for await (const _chunk of process.stdin); // meanwhile the reaper is killed
  await new Promise((resolve) => setTimeout(resolve, 100)); // its end is noticed
  console.log(`later ${(await launch("escapes-group")).pid}`);
}
