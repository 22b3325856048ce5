import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { orcd } from "../../src/dialects/index.js";
import { StreamError } from "../../src/errors/index.js";
import { executeAll } from "../../src/jobs/index.js";
import { judgeError } from "../../src/jobs/judge-answer.js";
import { serveJobs, type JobServerOptions } from "./job-server.js";
import { watchAnswers, areInOrder, facts } from "./support.js";

/** The outcome of one job that is answered like this. */
async function outcomeOf(answer: (response: ServerResponse) => void, options?: JobServerOptions) {
  const { client } = await serveJobs(({ response }) => answer(response), options);
  const [outcome] = await executeAll(client, [{ job_id: "job-1" }]);
  return outcome!;
}

describe("a status other than 200", () => {
  test("is an HTTP error with its body, code and times", async () => {
    const body = { code: "QUEUE_FULL", message: "full", retriable: true };
    const beforeMs = performance.now();

    const outcome = await outcomeOf((response) => response.writeHead(503).end(JSON.stringify(body)));

    expect(outcome).toMatchObject({
      status: "http-error",
      index: 0,
      jobId: "job-1",
      httpStatus: 503,
      body,
      code: "QUEUE_FULL",
      retryAfterSeconds: undefined,
      message: `the worker answered 503: ${JSON.stringify(body)}`,
    });
    const { sentAtMs, writtenAtMs, headersAtMs, closedAtMs } = outcome.timings;
    expect(areInOrder([beforeMs, sentAtMs, writtenAtMs, headersAtMs, closedAtMs])).toBe(true);
  });

  test("keeps its status if the job is aborted before the body arrives", async () => {
    const stop = new AbortController();
    const { client } = await serveJobs(({ response }) => response.writeHead(503).flushHeaders());
    const target = watchAnswers(client, () => stop.abort());

    const [outcome] = await executeAll(target, [{ job_id: "job-1" }], { signal: stop.signal });

    expect(outcome).toMatchObject({ status: "http-error", httpStatus: 503, message: "the worker answered 503" });
    expect(outcome).toHaveProperty("body", undefined);
  });

  test("keeps a body that is not JSON as text, without a code", async () => {
    const outcome = await outcomeOf((response) => response.writeHead(502).end("<h1>bad\u001b gateway</h1>"));

    expect(outcome).toMatchObject({ httpStatus: 502, body: "<h1>bad\u001b gateway</h1>", code: undefined });
    expect("message" in outcome && outcome.message).toBe("the worker answered 502: <h1>bad\\x1b gateway</h1>");
  });

  test("shows the first 300 characters of a long body, and where reading stopped", async () => {
    const outcome = await outcomeOf((response) => response.writeHead(500).end("x".repeat(100_000)));

    expect(outcome).toMatchObject({ message: expect.stringMatching(/^the worker answered 500: x{300} \(/) as string });
    expect("message" in outcome && outcome.message).toMatch(/ \(the body is cut after 16384 bytes\)$/);
    const short = await outcomeOf((response) => response.writeHead(500).end("x".repeat(301)));
    expect(short).toMatchObject({ message: `the worker answered 500: ${"x".repeat(300)}` });
  });

  test("has no code if the dialect finds none, or cannot read the body", async () => {
    const refuse = (response: ServerResponse) => response.writeHead(400).end("{}");
    const { decodeError: _, ...silent } = orcd;
    const failing = () => {
      throw new TypeError("not of this dialect");
    };

    for (const dialect of [orcd, silent, { ...orcd, decodeError: failing }])
      expect(await outcomeOf(refuse, { dialect })).toMatchObject({ status: "http-error", body: {}, code: undefined });
    const own = {
      ...orcd,
      decodeError: ({ status }: { status: number }) => ({ code: `E${status}`, message: "", retriable: undefined }),
    };
    expect(await outcomeOf(refuse, { dialect: own })).toMatchObject({ code: "E400" });
  });
});

describe("retry-after", () => {
  const after = async (value: string) => {
    const outcome = await outcomeOf((response) => response.writeHead(503, { "retry-after": value }).end());
    return "retryAfterSeconds" in outcome ? outcome.retryAfterSeconds : "no HTTP error";
  };

  test("in seconds", async () => {
    expect(await after("120")).toBe(120);
    expect(await after("0")).toBe(0);
  });

  test("as a date, relative to now; a past date is now", async () => {
    const seconds = await after(new Date(Date.now() + 3_600_000).toUTCString());

    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
    expect(await after("Thu, 01 Jan 1970 00:00:00 GMT")).toBe(0);
  });

  test.each(["soon", "1x", "x1"])("%j is ignored", async (value) => {
    expect(await after(value)).toBeUndefined();
  });
});

describe("judgeError()", () => {
  test("has the first line of the error, safe to print", () => {
    expect(judgeError(facts, new Error("refused\u001b[2J\nby the proxy"))).toMatchObject({
      status: "transport-error",
      message: "refused\\x1b[2J",
    });
  });

  test("shows what was thrown, even if it is not an error", () => {
    expect(judgeError(facts, "refused\nhere")).toEqual({
      ...facts,
      status: "transport-error",
      message: "refused",
      error: "refused\nhere",
    });
  });

  test("ignores the code of an error that only looks like a testkit error", () => {
    const foreign = Object.assign(new Error("aborted"), { code: "STREAM_ABORTED" });

    expect(judgeError(facts, foreign)).toMatchObject({ status: "transport-error" });
    expect(judgeError(facts, new StreamError("STREAM_ABORTED", { message: "aborted" }))).toMatchObject({
      status: "aborted",
    });
  });
});
