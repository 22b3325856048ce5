import { defineCheck } from "../../check.js";
import type { JobFields } from "../../target/check-target.js";
import type { RawAnswer } from "../../target/raw-answer.js";
import { expect, forEach } from "../../verdict.js";

const OPENAI_ERRORS = "OpenAI API reference, Error codes: 400 invalid request; RFC 9110, 15.5.1";

const BROKEN_BODIES: readonly (readonly [name: string, body: string])[] = [
  ["a body that ends early", '{"prompt": "Hello"'],
  ["text that is not JSON", "Hello"],
  ["an empty body", ""],
  ["an array", "[1, 2]"],
];

const WRONG_TYPES: readonly (readonly [name: string, fields: JobFields])[] = [
  ["max_tokens as text", { max_tokens: "sixteen" }],
  ["temperature as an object", { temperature: {} }],
];

const OUT_OF_RANGE: readonly (readonly [name: string, fields: JobFields])[] = [
  ["temperature -5", { temperature: -5 }],
  ["top_p 7", { top_p: 7 }],
];

export const malformedJson = defineCheck({
  id: "validation.malformed-json",
  title: "a body that is not a JSON object is refused with 4xx and a JSON error",
  level: "smoke",
  why: "An answer of 500 makes clients and load balancers repeat a request that can never succeed, and take the server for broken.",
  source: OPENAI_ERRORS,
  isShared: true,
  run: ({ target }) =>
    forEach(
      BROKEN_BODIES,
      ([name]) => name,
      async ([, body]) => expectRefusal(await target.sendBody(body)),
    ),
});

export const wrongTypes = defineCheck({
  id: "validation.wrong-type",
  title: "a field of the wrong type is refused with 4xx and a JSON error",
  level: "smoke",
  why: "A value that is silently taken for another one gives answers that the client did not ask for.",
  source: OPENAI_ERRORS,
  isShared: true,
  run: ({ target, prompts }) =>
    forEach(
      WRONG_TYPES,
      ([name]) => name,
      async ([, fields]) => expectRefusal(await target.ask(prompts.endless(), fields)),
    ),
});

export const outOfRange = defineCheck({
  id: "validation.out-of-range",
  title: "a value out of range is refused with 4xx and a JSON error",
  level: "smoke",
  why: "A value that is clamped or ignored hides a mistake of the client until its results are looked at.",
  source: "OpenAI API reference, temperature: between 0 and 2; top_p: between 0 and 1",
  needs: ["top-p"],
  isShared: true,
  run: ({ target, prompts }) =>
    forEach(
      OUT_OF_RANGE,
      ([name]) => name,
      async ([, fields]) => expectRefusal(await target.ask(prompts.endless(), fields)),
    ),
});

export const servesAfterwards = defineCheck({
  id: "validation.serves-afterwards",
  title: "after invalid requests, the next valid one is answered",
  level: "smoke",
  why: "A request that anyone can send must not end the service for everyone.",
  source: "CWE-754, Improper Check for Unusual or Exceptional Conditions",
  run: async ({ target, prompts }) => {
    for (const [, body] of BROKEN_BODIES) await target.sendBody(body);
    for (const [, fields] of [...WRONG_TYPES, ...OUT_OF_RANGE]) await target.ask(prompts.endless(), fields);
    await target.generate(prompts.endless(), { max_tokens: 4 });
  },
});

/** A refusal in the form of the dialect, before any stream. */
function expectRefusal(answer: RawAnswer): void {
  expect("answer", answer.describe()).toSatisfy("a status 4xx", () => answer.status >= 400 && answer.status < 500);
  const { message } = answer.error;
  expect("error", answer.describe()).toSatisfy(
    "in the form of the dialect, with a message",
    () => message !== undefined,
  );
}
