import { expect, test } from "vitest";
import { ConnectFailedError, InvalidResponseError, ProcessDiedError, StreamError } from "../../src/errors/index.js";
import { judgeError } from "../../src/jobs/judge-answer.js";
import { facts } from "./support.js";

const options = { message: "what happened", details: { url: "http://worker" } };

test.each([
  [new StreamError("LIMIT_CONNECT", options), { status: "limit-exceeded", limit: "connectMs" }],
  [new StreamError("LIMIT_HEADERS", options), { status: "limit-exceeded", limit: "headersMs" }],
  [new StreamError("STREAM_ABORTED", options), { status: "aborted" }],
  [new InvalidResponseError(options), { status: "invalid-event" }],
  [new ConnectFailedError(options), { status: "transport-error" }],
  [new ProcessDiedError(options), { status: "transport-error" }],
  [new TypeError("what happened"), { status: "transport-error" }],
])("%s", (error, expected) => {
  const outcome = judgeError(facts, error);

  expect(outcome).toMatchObject({ ...expected, error });
  expect(outcome).toMatchObject({ message: expect.stringMatching(/^(\[\w+\] )?what happened$/) as string });
});
