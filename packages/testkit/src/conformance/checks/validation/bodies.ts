import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import type { RawAnswer } from "../../target/raw-answer.js";
import { expect, forEach, inconclusive } from "../../verdict.js";
import { hottestOf } from "../shared/hottest.js";

const JSON_GRAMMAR = "RFC 8259, 6: numbers such as Infinity and NaN are not permitted";
const HTTP_STATUS = "RFC 9110, 15.5 and 15.6: 4xx is an error of the client, 5xx one of the server";

/** The body of a valid request, to which one more member is added as text. */
function bodyWith({ target, prompts }: CheckContext, member: string): string {
  const { body } = target.encode(prompts.endless(), { max_tokens: 2 });
  return body.replace(/\}\s*$/, `,${member}}`);
}

function expectBelow500(answer: RawAnswer): void {
  expect("answer", answer.describe()).toSatisfy("a status below 500", () => answer.status < 500);
}

function expect4xx(answer: RawAnswer): void {
  expect("answer", answer.describe()).toSatisfy("a status 4xx", () => answer.status >= 400 && answer.status < 500);
}

export const notJsonNumbers = defineCheck({
  id: "validation.numbers-that-are-not-json",
  title: "NaN and Infinity as numbers of a body are refused with 4xx",
  level: "standard",
  why: "A lenient parser lets NaN into the sampler, where every comparison with it is false.",
  source: JSON_GRAMMAR,
  run: (context) =>
    forEach(
      ["NaN", "Infinity", "-Infinity"],
      (literal) => literal,
      async (literal) => {
        expect4xx(await context.target.sendBody(bodyWith(context, `"temperature":${literal}`)));
      },
    ),
});

export const hugeNumbers = defineCheck({
  id: "validation.huge-numbers",
  title: "numbers beyond every type are not answered with 5xx",
  level: "standard",
  why: "Numbers such as 1e400 overflow in the conversion; a server error makes clients repeat them.",
  source: HTTP_STATUS,
  run: (context) =>
    forEach(
      ["1e400", `1${"0".repeat(40)}`, "-0", "-0.0"],
      (literal) => literal,
      async (literal) => {
        expectBelow500(await context.target.sendBody(bodyWith(context, `"temperature":${literal}`)));
      },
    ),
});

export const deepNesting = defineCheck({
  id: "validation.deep-nesting",
  title: "a body nested 10,000 deep is not answered with 5xx, and the next request works",
  level: "standard",
  why: "A recursive parser overflows its stack, which ends the process with all of its streams.",
  source: "https://github.com/ggml-org/llama.cpp/pull/27434; CWE-674, Uncontrolled Recursion",
  run: async (context) => {
    const nested = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
    expectBelow500(await context.target.sendBody(bodyWith(context, `"metadata":${nested}`)));
    await context.target.generate(context.prompts.endless(), { max_tokens: 2 });
  },
});

export const duplicateKeys = defineCheck({
  id: "validation.duplicate-keys",
  title: "a body with a member twice is not answered with 5xx",
  level: "standard",
  why: "Parsers differ on which one counts; a proxy and a server that disagree let one of them be bypassed.",
  source: "RFC 8259, 4: the names within an object should be unique",
  run: async (context) => {
    expectBelow500(await context.target.sendBody(bodyWith(context, '"temperature":0,"temperature":0')));
  },
});

export const wrongContentType = defineCheck({
  id: "validation.wrong-content-type",
  title: "a body with a content type of another kind is not answered with 5xx",
  level: "standard",
  why: "Clients forget the header; a server error instead of a refusal sends them on a wrong search.",
  source: "RFC 9110, 15.5.16: 415 Unsupported Media Type",
  run: async (context) => {
    const body = bodyWith(context, '"temperature":0');
    expectBelow500(await context.target.sendBody(body, { "content-type": "application/xml" }));
  },
});

export const unknownPath = defineCheck({
  id: "validation.unknown-path",
  title: "an unknown path is answered with 404",
  level: "standard",
  why: "A typing error in a base URL that is answered with 200 looks like an empty answer of the model.",
  source: "RFC 9110, 15.5.5: 404 Not Found",
  isShared: true,
  run: async ({ target }) => {
    const answer = await target.send("/conformance/no-such-path", { method: "POST", body: "{}" });
    expect("answer", answer.describe()).toSatisfy("status 404", () => answer.status === 404);
  },
});

export const wrongMethod = defineCheck({
  id: "validation.wrong-method",
  title: "GET where jobs are posted is refused with 4xx",
  level: "standard",
  why: "Crawlers and link previews send GET; it must neither run a job nor fail as a server error.",
  source: "RFC 9110, 15.5.6: 405 Method Not Allowed",
  isShared: true,
  run: async ({ target }) => {
    const [path = "/"] = target.dialect.executePaths;
    expect4xx(await target.send(path, { method: "GET" }));
  },
});

export const boundariesAreAccepted = defineCheck({
  id: "validation.boundaries-are-accepted",
  title: "the smallest and the largest value of a range are accepted",
  level: "standard",
  why: "A comparison that is off by one refuses what the documentation allows.",
  source: "OpenAI API reference, temperature: between 0 and 2; top_p: up to 1",
  needs: ["top-p"],
  run: ({ target, prompts }) =>
    forEach(
      [{ temperature: 0 }, { temperature: hottestOf(target.dialect) }, { top_p: 1 }],
      (fields) => JSON.stringify(fields),
      async (fields) => {
        const answer = await target.ask(prompts.endless(), { ...fields, max_tokens: 1 });
        expect("answer", answer.describe()).toSatisfy("status 200", () => answer.status === 200);
      },
    ),
});

export const justOutside = defineCheck({
  id: "validation.just-outside-is-refused",
  title: "values just outside of a range are refused with 4xx",
  level: "standard",
  why: "A value that is clamped hides the mistake of the client.",
  source: "OpenAI API reference, temperature: between 0 and 2; top_p: between 0 and 1",
  needs: ["top-p"],
  run: ({ target, prompts }) =>
    forEach(
      [{ temperature: -0.01 }, { top_p: -0.01 }, { top_p: 1.01 }],
      (fields) => JSON.stringify(fields),
      async (fields) => expect4xx(await target.ask(prompts.endless(), { ...fields, max_tokens: 1 })),
    ),
});

export const promptIsNotRepeated = defineCheck({
  id: "validation.prompt-is-not-in-the-error",
  title: "the error of a refused request does not repeat its prompt",
  level: "standard",
  why: "Errors are logged along the way; a prompt in them is private text in the logs of proxies and clients.",
  source: "CWE-209, Generation of Error Message Containing Sensitive Information",
  run: async ({ target, random }) => {
    const secret = `secret${Math.floor(random() * 1e9)}`;
    const answer = await target.ask(`My word is ${secret}.`, { max_tokens: "sixteen" });
    if (answer.status < 400) inconclusive(`a refusal: the answer is ${answer.describe()}`);
    expect("error", answer.describe()).toSatisfy("without the prompt", () => !answer.text.includes(secret));
  },
});

export const missingPrompt = defineCheck({
  id: "validation.missing-prompt",
  title: "a request without a prompt is refused with 4xx",
  level: "smoke",
  why: "A server that generates from nothing hides that the client has lost its input.",
  source: "OpenAI API reference: messages and prompt are required",
  isShared: true,
  run: async ({ target }) => expect4xx(await target.sendBody(JSON.stringify({ max_tokens: 1, stream: true }))),
});
