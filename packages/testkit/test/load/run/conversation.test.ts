import { describe, expect, test } from "vitest";
import { runLoad, type LoadOptions } from "../../../src/load/index.js";
import { continueConversation } from "../../../src/load/run/conversation.js";
import { end } from "../../events/support.js";
import { startOf } from "../../jobs/job-server.js";
import { request } from "../results.js";
import { finishJob, serveLoad } from "./load-server.js";

const TALK = { request: { ...request, job_id: "talk", prompt: "One. " }, followUps: ["Two.", "Three."] };
const options = (count: number): LoadOptions => ({ profile: { kind: "serial" }, requests: [TALK], stop: { count } });

test("each turn sends what was really answered before, as soon as the answer is complete", async () => {
  const { client, jobs } = await serveLoad();

  const result = await runLoad(client, options(1));

  const answer = "t0t1";
  expect(jobs.map((job) => job.request["prompt"])).toEqual([
    "One. ",
    `One. ${answer}\n\nTwo.`,
    `One. ${answer}\n\nTwo.${answer}\n\nThree.`,
  ]);
  expect(result.records.map(({ index, turn, jobId }) => [index, turn, jobId])).toEqual([
    [0, 0, "talk"],
    [1, 1, "talk-turn-2"],
    [2, 2, "talk-turn-3"],
  ]);
  for (const [index, record] of result.records.slice(1).entries())
    expect(record.schedMs).toBeGreaterThanOrEqual(result.records[index]!.closeMs - 0.01);
  expect(result).toMatchObject({
    plan: { requestCount: 3 },
    ended: { by: "count", message: "all 3 requests were sent" },
  });
});

test("the conversations of several clients are not mixed up", async () => {
  const { client, jobs } = await serveLoad((job) => setImmediate(() => finishJob(job)));

  await runLoad(client, { ...options(6), profile: { kind: "concurrency", clients: 3 } });

  expect(jobs).toHaveLength(18);
  expect(new Set(jobs.map((job) => job.request["job_id"])).size).toBe(18);
});

test("a conversation ends with the first answer that is not ok, and the end of the run says so", async () => {
  const { client, jobs } = await serveLoad((job) => job.finish(startOf(job), end({ tokens_out: 0 })));

  const result = await runLoad(client, options(1));

  expect(jobs).toHaveLength(1);
  expect(result.counts.byStatus).toEqual({ empty: 1 });
  expect(result.ended).toEqual({
    by: "count",
    message: "the request was sent; 2 requests of conversations were not sent, because the answer before was not ok",
  });
});

test("an open loop has the beginnings of conversations on its schedule, and its rate is theirs", async () => {
  const { client } = await serveLoad();

  const { records, rate } = await runLoad(client, { ...options(4), profile: { kind: "constant", ratePerSec: 100 } });

  expect(records).toHaveLength(12);
  const begun = records.filter(({ turn }) => turn === 0).map(({ schedMs }) => Math.round(schedMs));
  expect(begun).toEqual([0, 10, 20, 30]);
  expect(rate?.requestedPerSec).toBeCloseTo(100);
});

describe("the next request", () => {
  test("of a chat has the answer and what the user says as messages", () => {
    const chat = { job_id: "a", messages: [{ role: "user", content: "Hi" }] };
    const next = continueConversation({ request: chat, answer: "Hello", next: "And?", turn: 1 });

    expect(next).toEqual({
      job_id: "a-turn-2",
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello" },
        { role: "user", content: "And?" },
      ],
    });
  });
});

test("a list of requests with other fields is not taken for conversations", async () => {
  const { client, jobs } = await serveLoad();
  const given = { ...request, followUps: ["not a conversation"] } as never;

  await runLoad(client, { ...options(1), requests: [given] });

  expect(jobs).toHaveLength(1);
});
