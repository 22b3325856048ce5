import { expect, test } from "vitest";
import { createJobRunner } from "../../src/jobs/index.js";
import { end, started, token } from "../events/support.js";
import { serveJobs, startOf, type ReceivedJob } from "./job-server.js";

const finish = (job: ReceivedJob) => job.finish(startOf(job), token(0), end({ tokens_out: 1 }));

test("a runner gives each job its outcome, with its own index", async () => {
  const { client } = await serveJobs(finish);
  const run = createJobRunner(client, { timeouts: undefined, signal: undefined });

  const outcomes = await Promise.all([run({ job_id: "a" }, 7), run({ job_id: "b" }, 3)]);

  expect(outcomes).toMatchObject([
    { status: "ok", index: 7, jobId: "a" },
    { status: "ok", index: 3, jobId: "b" },
  ]);
});

test("the jobs of a runner share the detection of cross-talk", async () => {
  const waiting: ReceivedJob[] = [];
  const { client } = await serveJobs((job) => {
    waiting.push(job);
    if (waiting.length < 2) return;
    const [first, second] = waiting as [ReceivedJob, ReceivedJob];
    first.response.setHeader("x-correlation-id", second.headers["x-correlation-id"]!);
    second.response.setHeader("x-correlation-id", first.headers["x-correlation-id"]!);
    waiting.forEach(finish);
  });
  const run = createJobRunner(client, { timeouts: undefined, signal: undefined });

  const outcomes = await Promise.all([run({ job_id: "a" }, 0), run({ job_id: "b" }, 1)]);

  expect(outcomes).toMatchObject([
    { status: "cross-talk", otherJobId: "b" },
    { status: "cross-talk", otherJobId: "a" },
  ]);
});

test("the timeouts and the signal of a runner apply to every job", async () => {
  const { client } = await serveJobs((job) => job.send(started));
  const [stop, request] = [new AbortController(), { job_id: "job-1" }];
  const timeouts = { firstTokenMs: 30 };

  const limited = await createJobRunner(client, { timeouts, signal: undefined })(request, 0);
  const running = createJobRunner(client, { timeouts: undefined, signal: stop.signal })(request, 0);
  stop.abort();

  expect(limited).toMatchObject({ status: "limit-exceeded", limit: "firstTokenMs" });
  expect(await running).toMatchObject({ status: "aborted" });
});
