// Events per second of the stub worker, compared with a bare node:http server that writes the same bytes in the same writes. A reader in a
// separate process only counts bytes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { WorkerTestHarness } from "inference-testkit";
import { alternate, median, pairedRatio, report } from "./measure.mjs";

const ROUNDS = 5;
const TOKEN_COUNT = 2_048;
/** Streams, and how many jobs each of them reads one after the other. */
const CASES = [
  { streams: 1, jobs: 8 },
  { streams: 32, jobs: 1 },
  { streams: 256, jobs: 1 },
];

const folder = mkdtempSync(join(tmpdir(), "inference-testkit-bench-"));
const workers = {
  stub: await WorkerTestHarness.startMock({ parallel: 256, logLevel: "error" }),
  "without journal": await WorkerTestHarness.startMock({ parallel: 256, logLevel: "error", stub: { journal: false } }),
};
const bare = await startBareServer(await recordFrames(workers.stub));

try {
  for (const { streams, jobs } of CASES) await compare(streams, jobs);
} finally {
  await Promise.all(Object.values(workers).map((worker) => worker.stop()));
  bare.child.kill();
  rmSync(folder, { recursive: true });
}

async function compare(streams, jobs) {
  const events = streams * jobs * (TOKEN_COUNT + 2);
  let readerShare = 0;
  const rate = async (port) => {
    const { ms, cpuMs } = await read(port, streams, jobs);
    readerShare = Math.max(readerShare, cpuMs / ms);
    return events / ms;
  };
  const samples = await alternate(ROUNDS, {
    bare: () => rate(bare.port),
    stub: () => rate(workers.stub.port),
    noJournal: () => rate(workers["without journal"].port),
  });
  const [stub, server] = [median(samples.stub).toFixed(0), median(samples.bare).toFixed(0)];
  const journal = ((1 - pairedRatio(samples.stub, samples.noJournal)) * 100).toFixed(0);
  report({
    what: `stub worker, ${streams} ${streams === 1 ? "stream" : "streams"}, against a bare node:http server`,
    value: pairedRatio(samples.stub, samples.bare),
    goal: "≥ 0.7",
    detail: `${stub} against ${server} events/ms; the journal costs ${journal} %; the reader was busy ${(readerShare * 100).toFixed(0)} % of the time at most`,
  });
}

/** The frames of the stream that the reader asks for, as a worker writes them. */
async function recordFrames(worker) {
  const response = await fetch(`${worker.baseUrl}/execute`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ job_id: "job-0", prompt: "Hello", max_tokens: TOKEN_COUNT, seed: 42 }),
  });
  return (await response.text()).split(/(?<=\n\n)/);
}

async function startBareServer(frames) {
  const file = join(folder, "frames.json");
  writeFileSync(file, JSON.stringify(frames));
  const child = spawn(process.execPath, [fileOf("bare-server.mjs"), file], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(createInterface(child.stdout), "line");
  return { child, port: Number(port) };
}

async function read(port, streams, jobs) {
  const args = [fileOf("byte-reader.mjs"), port, streams, jobs].map(String);
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  return JSON.parse(line);
}

function fileOf(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
