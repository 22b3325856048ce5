import { describe, expect, test } from "vitest";
import { orcd, type Dialect, type ExecuteBody, type Framing } from "../../src/dialects/index.js";
import { collectStream, type StreamResponse } from "../../src/events/index.js";
import { findWholeDecoder, isWholeAnswer } from "../../src/events/whole-answer.js";
import { encode, end, errorOf, from, good, started, token } from "./support.js";

const contexts: unknown[] = [];

/** This project's events; an answer in one piece is a list of them. */
const dialectOf = (framing: Framing): Dialect => ({
  ...orcd,
  name: "whole",
  capabilities: { framing },
  decodeAnswer: (answer, context) => {
    contexts.push(context);
    return answer as typeof good;
  },
});
const whole = dialectOf("sse");
const inOnePiece: ExecuteBody = { extraBody: { stream: false } };

function answer(text: string, fields: Partial<StreamResponse> = {}): StreamResponse {
  return {
    kind: "inference-stream-response",
    status: 200,
    headers: { "content-type": "application/json" },
    url: "http://worker/",
    abort: () => undefined,
    dialect: whole,
    request: inOnePiece,
    body: from(text),
    ...fields,
  };
}

describe("an answer in one piece", () => {
  test.each<Framing>(["sse", "ndjson"])("is decoded as one message, also in a dialect of %s", async (framing) => {
    const text = JSON.stringify(good, undefined, 2);

    const { events, outcome } = await collectStream(answer(text, { dialect: dialectOf(framing) }));

    expect(events).toEqual(good);
    expect(outcome).toEqual({ status: "complete", terminal: end() });
  });

  test("without a terminal event is truncated by its end", async () => {
    const { events, outcome } = await collectStream(answer(JSON.stringify([started, token(0)])));

    expect(events).toEqual([started, token(0)]);
    expect(outcome).toStrictEqual({ status: "truncated", endedBy: "close" });
  });

  test("that is not JSON is an invalid event", async () => {
    expect((await collectStream(answer("oops"))).outcome).toMatchObject({
      status: "invalid-event",
      index: 0,
      data: "oops",
    });
  });

  test("is decoded with its job and its request", async () => {
    contexts.length = 0;

    await collectStream(answer("[]", { jobId: "job-7" }));

    expect(contexts).toEqual([{ jobId: "job-7", request: inOnePiece }]);
  });

  test("that arrives as an event stream is rejected", async () => {
    const error = await errorOf(
      collectStream(answer(encode(good), { headers: { "content-type": "text/event-stream" } })),
    );

    expect(error["code"]).toBe("INVALID_RESPONSE");
    expect(error.message).toContain("Expected `application/json`, got `text/event-stream`");
  });
});

describe("a response is decoded as a stream", () => {
  test.each<[string, ExecuteBody | undefined]>([
    ["is not known", undefined],
    ["has no `extraBody`", { prompt: "x" }],
    ["has an `extraBody` without `stream`", { extraBody: { other: false } }],
    ["has `stream: true`", { extraBody: { stream: true } }],
    ["has an `extraBody` of null", { extraBody: null }],
    ["has `stream: false` outside of `extraBody`", { stream: false }],
  ])("if the request %s", async (_, request) => {
    const headers = { "content-type": "text/event-stream" };

    expect((await collectStream(answer(encode(good), { request, headers }))).events).toEqual(good);
  });

  test("if the dialect cannot decode an answer in one piece", () => {
    const source = { dialect: orcd, jobId: undefined, request: inOnePiece };

    expect(findWholeDecoder(source)).toBeUndefined();
    expect(isWholeAnswer(source, "application/json")).toBe(false);
  });
});

describe("the content type of an answer in one piece", () => {
  const source = { dialect: whole, jobId: undefined, request: inOnePiece };

  test.each([
    "application/json",
    "Application/JSON",
    "application/json;charset=utf-8",
    "application/json  ; charset=utf-8",
    "  application/json  ",
  ])("%j is accepted", (contentType) => {
    expect(isWholeAnswer(source, contentType)).toBe(true);
  });

  test.each([
    undefined,
    "",
    "application/jsonl",
    "application/json x",
    "text/application/json",
    "text/plain; application/json",
    "text/event-stream",
  ])("%j is rejected", (contentType) => {
    expect(isWholeAnswer(source, contentType)).toBe(false);
  });
});
