import { describe, expect, test } from "vitest";
import { disconnectAfter, type JobTarget } from "../../src/jobs/index.js";
import { end, errorOf, messageOf, started, token } from "../events/support.js";
import { serveJobs, type ReceivedJob } from "./job-server.js";
import { watchAnswers } from "./support.js";

const request = { job_id: "job-1", prompt: "Hello" };
const run = (job: ReceivedJob) => job.send(started, token(0), token(1), token(2));

test.each(["reset", "close"] as const)("%s: the worker loses its client when the tokens have arrived", async (how) => {
  const { client, jobs } = await serveJobs(run);

  const gone = await disconnectAfter(client, request, { tokens: 3, how });
  await jobs[0]!.gone;

  expect(gone.tokens).toEqual(["t0", "t1", "t2"]);
  expect(gone.events).toEqual([started, token(0), token(1), token(2)]);
  expect(gone.closedAtMs).toBeGreaterThanOrEqual(gone.disconnectedAtMs);
});

test("`tokens: 0` disconnects as soon as the headers arrive", async () => {
  const { client } = await serveJobs((job) => job.send());

  expect(await disconnectAfter(client, request, { tokens: 0, how: "reset" })).toMatchObject({ tokens: [], events: [] });
});

test("DISCONNECT_TOO_LATE if the stream ends first, with its outcome", async () => {
  const { client } = await serveJobs((job) => job.finish(started, token(0), end({ tokens_out: 1 })));

  const error = await errorOf(disconnectAfter(client, request, { tokens: 3, how: "reset" }));

  expect(error).toMatchObject({ code: "DISCONNECT_TOO_LATE", details: { tokens: 3, outcome: "complete" } });
  expect(error.message).toMatch(
    /Expected to disconnect after 3 tokens, but the stream ended after 3 events \(1 token, \d+ bytes\); it is complete\n/,
  );
});

test("the timeouts apply to the headers and to the stream", async () => {
  const { client } = await serveJobs(() => undefined);
  const { client: stalling } = await serveJobs((job) => job.send(started, token(0)));

  const plan = { tokens: 3, how: "reset" } as const;
  expect(await errorOf(disconnectAfter(client, request, { ...plan, timeouts: { headersMs: 30 } }))).toMatchObject({
    code: "LIMIT_HEADERS",
  });
  expect(await errorOf(disconnectAfter(stalling, request, { ...plan, timeouts: { tokenIdleMs: 20 } }))).toMatchObject({
    code: "DISCONNECT_TOO_LATE",
    details: { outcome: "limit-exceeded" },
  });
});

test("STREAM_ABORTED when the signal fires while it reads", async () => {
  const stop = new AbortController();
  const { client, jobs } = await serveJobs(run);
  const plan = { tokens: 9, how: "reset", signal: stop.signal } as const;

  const error = await errorOf(
    disconnectAfter(
      watchAnswers(client, () => stop.abort("enough")),
      request,
      plan,
    ),
  );
  await jobs[0]!.gone;

  expect(error).toMatchObject({ code: "STREAM_ABORTED", cause: "enough" });
  expect(error.message).toContain("disconnectAfter() was aborted");
});

test("a signal that does not fire changes nothing", async () => {
  const { client } = await serveJobs((job) => job.finish(started));
  const { signal } = new AbortController();

  expect(await errorOf(disconnectAfter(client, request, { tokens: 1, how: "reset", signal }))).toMatchObject({
    code: "DISCONNECT_TOO_LATE",
  });
});

test(
  "a target that does not give the request a connection of its own is reported at once",
  { timeout: 5_000 },
  async () => {
    const { client } = await serveJobs(run);
    const forever = { tokenIdleMs: Infinity, transportIdleMs: Infinity, totalMs: Infinity };
    const target: JobTarget = {
      execute: (body) => client.execute(body, { timeouts: forever }),
      cancel: client.cancel.bind(client),
      health: client.health.bind(client),
    };

    expect(await messageOf(disconnectAfter(target, request, { tokens: 1, how: "reset" }))).toContain(
      "Expected a request with `dedicatedConnection: true` for `disconnect()`",
    );
  },
);

describe("INVALID_OPTION, and nothing is sent", () => {
  test.each([
    [{ tokens: -1, how: "reset" }, "`tokens`"],
    [{ tokens: 1 }, "`how`"],
    [{ tokens: 1, how: "kill" }, 'Expected `how` to be "reset" or "close", got `"kill"`'],
    [{ how: "reset" }, "`tokens`"],
  ])("%o", async (options, message) => {
    const { client, jobs } = await serveJobs(run);

    expect(await messageOf(disconnectAfter(client, request, options as never))).toContain(message);
    expect(jobs).toEqual([]);
  });
});
