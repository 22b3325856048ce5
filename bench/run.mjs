// `npm run bench [-- name …]`: runs the benchmarks one after the other and says on which machine.
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const ALL = [
  "startup",
  "stop",
  "pool",
  "live",
  "collect",
  "dialects",
  "engine",
  "llama-server",
  "parallel",
  "execute-all",
  "stub-throughput",
  "pacing",
  "memory",
  "memory-monitor",
  "fault-proxy",
  "evidence",
  "gate",
  "verdicts",
  "load-tools",
  "client-roofline",
  "accuracy",
];
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  console.error(`Expected benchmarks among ${ALL.join(", ")}, got ${unknown.join(", ")}`);
  process.exit(2);
}

const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
console.log(
  `${availableParallelism()} cores of ${cpus()[0].model}, ${memory}, Linux ${release()}, Node ${process.versions.node}`,
);
for (const name of chosen.length > 0 ? chosen : ALL) {
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  const { status } = spawnSync(process.execPath, ["--expose-gc", file], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
