// A stand-in for a test runner: starts three workers, one with a child in its group, one with a child that has left it,
// and prints their pids. Then it waits, or ends as argument 1 says. With "answers", it answers each line of its input. With "hides", there is one worker, with hidden children.
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

process.on("warning", (warning) => console.log(`warning ${warning.message}`));
const names =
  process.argv[2] === "hides" ? ["hides-children"] : ["ignores-sigterm", "grandchild-holds-port", "escapes-group"];
const workers = await Promise.all(names.map(launch));
const children = workers.flatMap((worker) => {
  const pids = /(?:grandchild|escaped|children) (\d+)(?: (\d+))?/.exec(worker.logs.text()) ?? [];
  return pids.slice(1).filter(Boolean).map(Number);
});
console.log(`pids ${[...workers.map((worker) => worker.pid), ...children].join(" ")}`);
if (process.argv[2] === "hides") {
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // longer than two intervals of the sampler
  process.kill(workers[0].pid, "SIGUSR2");
  await workers[0].logs.waitFor("orphaned");
  console.log("orphaned");
}
if (process.argv[2] === "exit") process.exit(0);
if (process.argv[2] === "stop") await Promise.all(workers.map((worker) => worker.stop()));
else setInterval(() => {}, 60_000);
if (process.argv[2] === "answers") process.stdin.on("data", () => console.log("answer"));
if (process.argv[2] === "relaunch") {
  for await (const _chunk of process.stdin); // meanwhile the reaper is killed
  await new Promise((resolve) => setTimeout(resolve, 100)); // its end is noticed
  console.log(`later ${(await launch("escapes-group")).pid}`);
}
