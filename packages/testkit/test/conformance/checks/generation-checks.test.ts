import type { DeterminismLevel } from "inference-worker-protocol";
import { expect, test } from "vitest";
import { WorkerTestHarness } from "../../../src/harness/index.js";
import { runSuite } from "../../../src/conformance/run/run-conformance.js";
import type { ConformanceProfile } from "../../../src/conformance/conformance-profile.js";
import { startTinyServer, type Defect } from "./tiny-server.js";

const without =
  (...names: string[]): NonNullable<Defect["fields"]> =>
  (fields) => ({ ...fields, ...Object.fromEntries(names.map((name) => [name, undefined])) });

const answerIf =
  (status: number, test: (body: string, method: string, path: string) => boolean): NonNullable<Defect["answer"]> =>
  (body, { method = "", url = "" }) =>
    test(body, method, url) ? { status, body: '{"error":{"message":"broken"}}' } : undefined;

let calls = 0;

/** A check, a defect that it must find, and what the verdict says. */
const DEFECTS: readonly (readonly [id: string, defect: Defect, got: RegExp])[] = [
  ["stop.single-character", { fields: without("stop") }, /\w/],
  ["stop.earliest-of-several", { fields: (f) => (f.stop ? { ...f, stop: f.stop.slice(0, 1) } : f) }, /\w/],
  ["stop.long-list-is-not-cut", { fields: (f) => (f.stop ? { ...f, stop: f.stop.slice(0, 4) } : f) }, /\w/],
  ["stop.on-the-last-allowed-token", { fields: without("stop") }, /\w/],
  ["stop.unmatched-changes-nothing", { text: (text, f) => (f.stop ? text.slice(0, -6) : text) }, /\w/],
  ["stop.regex-characters-are-literal", { text: (text, f) => (f.stop?.includes(".+.+") ? "" : text) }, /""/],
  [
    "stop.in-the-prompt-does-not-stop",
    { text: (text, f) => (f.stop?.some((s) => f.prompt.includes(s)) ? "" : text) },
    /""/,
  ],
  ["sampling.different-seeds-differ", { fields: (f) => ({ ...f, seed: 5 }) }, /^1$/],
  ["sampling.same-seed-same-text", { fields: without("seed") }, /a difference at character/],
  [
    "sampling.temperature-zero-ignores-the-seed",
    { fields: (f) => ({ ...f, temperature: 1 }) },
    /a difference at character/,
  ],
  ["sampling.top-k-narrows", { fields: without("top_k") }, /ignored parameter/],
  ["sampling.top-p-narrows", { fields: without("top_p") }, /ignored parameter/],
  ["sampling.min-p-narrows", { fields: without("min_p") }, /ignored parameter/],
  ["sampling.repetition-penalty-changes", { fields: without("repetition_penalty") }, /ignored parameter/],
  ["sampling.temperature-changes", { fields: (f) => ({ ...f, temperature: 0 }) }, /ignored parameter/],
  [
    "sampling.extreme-values",
    { answer: answerIf(500, (body) => body.includes("0.000001") || body.includes("1e-6")) },
    /status 500/,
  ],
  ["length.large-answer-is-complete", { fields: (f) => ({ ...f, max_tokens: Math.min(128, f.max_tokens) }) }, /128/],
  [
    "length.shorter-limit-is-a-prefix",
    { fields: (f) => ({ ...f, prompt: `${f.prompt} Use ${f.max_tokens} words.` }) },
    /\w/,
  ],
  [
    "text.characters-of-the-prompt-count",
    { fields: (f) => ({ ...f, prompt: f.prompt.replace(/[^ -~]/g, "") }) },
    /the same for/,
  ],
  ["text.odd-characters-are-answered", { answer: answerIf(500, (body) => body.includes("\\u0000")) }, /status 500/],
  ["text.no-tokenizer-markers", { text: (text) => text.replaceAll(" ", " \u0120") }, /\u0120/],
  ["text.cut-character-ends-cleanly", { fields: (f) => ({ ...f, max_tokens: f.max_tokens + 2 }) }, /\d/],
  ["stream.every-event-parses", { chunk: (chunk, index) => (index === 1 ? chunk.slice(0, -1) : chunk) }, /id-/],
  ["stream.id-is-constant", { chunk: (chunk, index) => chunk.replace(/"id-\d+"/, `"id-x${index}"`) }, /id-x1/],
  [
    "stream.no-usage-unless-asked",
    { chunk: (chunk, index) => (index === 1 ? '{"id":"id-1","choices":[]}' : chunk) },
    /choices/,
  ],
  ["determinism.repeat", { fields: (f) => ({ ...f, prompt: `${f.prompt}${++calls}` }) }, /a difference at character/],
  [
    "determinism.after-another-request",
    { fields: (f) => ({ ...f, prompt: `${f.prompt}${++calls}` }) },
    /a difference at/,
  ],
  [
    "validation.numbers-that-are-not-json",
    { answer: answerIf(200, (body) => /NaN|Infinity/.test(body)) },
    /status 200/,
  ],
  ["validation.huge-numbers", { answer: answerIf(500, (body) => body.includes("1e400")) }, /status 500/],
  ["validation.deep-nesting", { answer: answerIf(500, (body) => body.includes("[[[[")) }, /status 500/],
  [
    "validation.duplicate-keys",
    { answer: answerIf(500, (body) => body.split('"temperature"').length > 2) },
    /status 500/,
  ],
  ["validation.unknown-path", { answer: answerIf(200, (_, __, path) => path.includes("no-such")) }, /status 200/],
  [
    "validation.wrong-method",
    { answer: answerIf(500, (_, method, path) => method === "GET" && path.includes("completions")) },
    /500/,
  ],
  [
    "validation.boundaries-are-accepted",
    { answer: answerIf(400, (body) => body.includes('"temperature":2')) },
    /status 400/,
  ],
  ["validation.just-outside-is-refused", { answer: answerIf(200, (body) => body.includes("1.01")) }, /status 200/],
  ["validation.missing-prompt", { answer: answerIf(200, (body) => !body.includes("prompt")) }, /status 200/],
  [
    "validation.prompt-is-not-in-the-error",
    { answer: (body) => (body.includes("sixteen") ? { status: 400, body } : undefined) },
    /secret/,
  ],
  ["concurrency.around-the-slots", { answer: answerIf(500, (body) => body.includes('"max_tokens":6')) }, /status 500/],
];

async function check(
  only: readonly string[],
  defect?: Defect,
  profile: ConformanceProfile = { slots: 2, determinism: ["repeat"] },
) {
  await using server = await startTinyServer(defect);
  const harness = await WorkerTestHarness.attach(server.url, { dialect: "openai-completions" });
  try {
    return await runSuite({ kind: "running", harness }, { only, level: "full", profile });
  } finally {
    await harness.stop();
  }
}

test("a server without defects fails none of the checks", async () => {
  const { checks: results } = await check(DEFECTS.map(([id]) => id));
  expect(results.filter(({ status }) => status !== "pass").map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
});

test.each(DEFECTS)("%s finds its defect", async (id, defect, got) => {
  const { checks: results } = await check([id], defect);
  expect(results.map(({ status, message }) => [status, message])).toEqual([["fail", expect.anything()]]);
  expect(results[0]?.got).toMatch(got);
});

test.each<[string, DeterminismLevel, number]>([
  ["determinism.repeat", "repeat", 2],
  ["determinism.after-another-request", "repeat", 3],
  ["determinism.slot", "slot", 3],
  ["determinism.load", "load", 3],
])(
  "%s does not apply to a server that does not declare the level, and says at once where the texts differ",
  async (id, level, requests) => {
    const varies: Defect = { fields: (f) => ({ ...f, prompt: `${f.prompt}${++calls}` }) };
    const [undeclared] = (await check([id], varies, { slots: 2 })).checks;
    expect(undeclared).toMatchObject({ status: "not-applicable", attempts: 1, expected: null });
    expect(undeclared?.message).toMatch(
      new RegExp(
        `^determinism \`${level}\` is not declared, and seen not to hold: a difference at character \\d+: ".*" and ".*"`,
      ),
    );
    expect(undeclared?.exchanges).toHaveLength(requests);

    const [declared] = (await check([id], varies, { slots: 2, determinism: [level] })).checks;
    expect(declared).toMatchObject({ status: "fail", attempts: 1 });
    const [holds] = (await check([id], {}, { slots: 2 })).checks;
    expect(holds).toMatchObject({ status: "pass" });
  },
);
