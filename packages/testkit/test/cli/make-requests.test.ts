import { describe, expect, test } from "vitest";
import { ProfileRequests } from "../../src/cli/runs/make-requests.js";
import { findDialect, orcd, type Dialect } from "../../src/dialects/index.js";
import type { WorkloadOptions } from "../../src/requests/workload/index.js";

const FIT = { ignoreEos: { sent: false, reason: "" }, isPlain: false, hasSeed: true };
const TALK = {
  history: [{ role: "system", content: "Be brief." }],
  isChat: true,
  opening: "Hi",
  followUps: ["And?"],
  outputTokens: undefined,
} as const;
const WORKLOAD: WorkloadOptions = {
  talks: [TALK],
  promptWords: undefined,
  outputTokens: { kind: "fixed", length: 9 },
  prefixShare: 0,
  turns: 2,
};

function make(dialect: Dialect, workload: WorkloadOptions | undefined = WORKLOAD, fit = FIT) {
  const requests = new ProfileRequests({ flags: { prompt: undefined, maxTokens: 32 }, workload }, { fit, dialect });
  return { requests, made: requests.make(0, () => 0.5, "measure") as Record<string, unknown> };
}

describe("a conversation", () => {
  test("is sent as messages to a chat endpoint, which applies the chat template", () => {
    const { made } = make(findDialect("openai-chat")!);

    expect(made["followUps"]).toEqual(["And?"]);
    expect(made["request"]).toMatchObject({
      job_id: "profile-0",
      max_tokens: 9,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
      ],
    });
    expect(made["request"]).not.toHaveProperty("prompt");
  });

  test.each([orcd, findDialect("openai-completions")!])(
    "is sent as plain text by a dialect without messages",
    (dialect) => {
      const { made } = make(dialect);

      expect(made["request"]).toMatchObject({ prompt: "Be brief.\n\nHi" });
      expect(made["request"]).not.toHaveProperty("messages");
    },
  );
});

test("the tokens that a request may have are remembered for all of its turns", () => {
  const { requests } = make(orcd);

  expect(["profile-0", "profile-0-turn-2", "other"].map((id) => requests.maxTokensOf(id))).toEqual([9, 9, 32]);
  expect(requests.mostTokens).toBe(9);
});

test("without a workload, each request is a story of its own; a server that may be strict gets no other fields", () => {
  const strict = { ignoreEos: { sent: true, reason: "" }, isPlain: true, hasSeed: false };
  const requests = new ProfileRequests(
    { flags: { prompt: undefined, maxTokens: 32 }, workload: undefined },
    { fit: strict, dialect: orcd },
  );

  expect(requests.make(0, () => 0.5, "measure")).toMatchObject({
    prompt: "Story 1073741824. Write a short story about a lighthouse.",
    seed: null,
    top_k: null,
    extraBody: { ignore_eos: true },
  });
});
