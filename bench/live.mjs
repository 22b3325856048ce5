// What the page of a run that is under way costs the run: the same load with and without `--ui` and a page that follows it.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { alternate, pairedRatio, report } from "./measure.mjs";

const ROUNDS = 5;
const RATE = 50;
const SECONDS = 10;
const BIN = fileURLToPath(new URL("../packages/testkit/bin/inference-testkit.js", import.meta.url));
const LOAD = [
  "--stub",
  "--stub-config",
  '{"timing":{"ttftMs":20,"itlMs":5}}',
  "--parallel",
  "16",
  "--max-tokens",
  "16",
];
const folder = mkdtempSync(join(tmpdir(), "inference-testkit-bench-live-"));

async function profile(...flags) {
  const out = join(folder, "run");
  const args = [BIN, "profile", ...LOAD, "--rate", RATE, "--duration", `${SECONDS}s`, "--no-memory", "--out", out];
  const child = spawn(process.execPath, [...args, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (more) => {
    const isKnown = text.includes("watch the run: ");
    text += more;
    const [, address] = /watch the run: (\S+)\n/.exec(text) ?? [];
    if (!isKnown && address !== undefined) void follow(address);
  });
  await ended;
  const { latency, clients } = JSON.parse(readFileSync(join(out, "run.json"), "utf8")).load;
  return {
    ttft: latency.ttftFromSchedule.percentiles.p50,
    tpot: latency.tpot.percentiles.p50,
    delay: latency.clientDelay.percentiles.p50,
    cpu: clients[0].cpuShare,
  };
}

/** As the page does: it reads the events, and the data once a second. */
async function follow(address) {
  const data = address.replace("/?", "/data?");
  const events = await fetch(address.replace("/?", "/events?"));
  const timer = setInterval(
    () =>
      void fetch(data).then(
        (answer) => answer.arrayBuffer(),
        () => undefined,
      ),
    1000,
  );
  const reader = events.body.getReader();
  try {
    while (!(await reader.read()).done);
  } catch {
    // the command has ended
  } finally {
    clearInterval(timer);
  }
}

const samples = await alternate(ROUNDS, { without: () => profile(), with: () => profile("--ui") });
rmSync(folder, { recursive: true });
const of = (side, name) => samples[side].map((run) => run[name]);
for (const [name, what] of [
  ["ttft", "TTFT from schedule p50"],
  ["tpot", "TPOT p50"],
]) {
  report({
    what: `${what} of a run with --ui`,
    value: pairedRatio(of("with", name), of("without", name)),
    goal: "≤ 1.03",
    detail: `${ROUNDS} runs each of ${SECONDS} s at ${RATE} requests/s`,
  });
}
report({
  what: "CPU of the client's thread with --ui",
  value: pairedRatio(of("with", "cpu"), of("without", "cpu")),
  detail: `client delay ${Math.max(...of("with", "delay"))} ms at most (p50)`,
});
