import { describe, expect, test } from "vitest";
import { SendJournal } from "../../src/telemetry/index.js";
import { Control } from "../support/control.js";
import { connectRaw, rawPost } from "../support/raw-connection.js";
import { execute, job, post } from "../support/requests.js";
import { waitFor } from "../support/wait-for.js";
import { startWorker, stub } from "../support/worker-process.js";

const monotonicMs = () => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
};

test("it has what was sent: as many bytes as arrived, in order, at times that other processes can compare", async () => {
  const worker = await startWorker(stub({ content: { script: ["é", "🎉"] } }));
  const control = new Control(worker);
  const before = monotonicMs();
  const response = await execute(worker, { job_id: "a b" });
  const text = await response.text();
  const after = monotonicMs();
  await waitFor("the close", async () => (await control.journal()).jobs[0]!.entries.at(-1)?.kind === "close");
  const { jobs, dropped } = await control.journal("a b");
  expect(dropped).toBe(0);
  const [{ entries, ...about } = { entries: [] }] = jobs;
  expect(about).toEqual({ job_id: "a b", correlation_id: response.headers.get("x-correlation-id"), dropped: 0 });
  // On a busy machine the job may take long enough for a `metrics` event.
  const sent = entries.filter(({ event }) => event !== "metrics");
  expect(sent.map(({ kind, event, index }) => [kind, event, index])).toEqual([
    ["headers", undefined, undefined],
    ["write", "started", undefined],
    ["write", "token", 0],
    ["write", "token", 1],
    ["write", "end", undefined],
    ["end", undefined, undefined],
    ["close", undefined, undefined],
  ]);
  let offset = 0;
  for (const entry of entries) {
    expect(entry.offset).toBe(offset);
    offset += entry.bytes;
  }
  expect(offset).toBe(Buffer.byteLength(text));
  const times = entries.slice(0, -1).map(({ at_ms }) => at_ms);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBeGreaterThan(before);
  expect(times.at(-1)).toBeLessThan(after);
});

test("a slow client is recorded as blocked and drained", async () => {
  const worker = await startWorker();
  const control = new Control(worker);
  await control.configure({ content: { script: ["x".repeat(500_000)] } });
  await control.arm({ id: "never-stops" });
  const connection = await connectRaw(worker.port);
  connection.socket.pause();
  connection.send(rawPost("/execute", job({ job_id: "slow" }), ["Connection: close"]));
  const kinds = async () => (await control.journal("slow")).jobs[0]?.entries.map(({ kind }) => kind) ?? [];
  await waitFor("the wait for the client", async () => (await kinds()).at(-1) === "blocked");
  connection.socket.resume();
  await waitFor("the client to catch up", async () => (await kinds()).includes("drain"));
  await post(`${worker.url}/cancel/slow`, {});
  await connection.closed;
});

test("journal: false keeps nothing", async () => {
  const worker = await startWorker(stub({ journal: false }));
  await (await execute(worker)).text();
  expect(await new Control(worker).journal()).toEqual({ jobs: [], dropped: 0 });
});

describe("its limits", () => {
  test("the last hundred jobs", () => {
    const journal = new SendJournal();
    for (let index = 0; index < 103; index++) journal.open(`job-${index}`, "c");
    const { jobs, dropped } = journal.read();
    expect([jobs.length, jobs[0]?.job_id, dropped]).toEqual([100, "job-3", 3]);
  });

  test("the last entries of a job, with offsets that include dropped ones", () => {
    const journal = new SendJournal();
    const record = journal.open("j", "c");
    for (let index = 0; index < 10_001; index++) record.write("é", "token", index);
    const [{ entries, dropped } = { entries: [], dropped: 0 }] = journal.read("j").jobs;
    expect([entries.length, dropped]).toEqual([5_001, 5_000]);
    expect(entries[0]).toMatchObject({ kind: "write", offset: 10_000, bytes: 2, event: "token", index: 5_000 });
    expect(entries.at(-1)).toMatchObject({ offset: 20_000, index: 10_000 });
  });
});
