import { findPortOwner } from "../../../launch/index.js";
import { defineCheck } from "../../check.js";
import type { CheckTarget } from "../../target/check-target.js";
import { addressOf } from "../../target/raw-socket.js";
import { expect, fail, forEach, inconclusive, notApplicable, show } from "../../verdict.js";

/** Marks no process. */
const NO_MARK = "inference-testkit-conformance-no-mark";
const UNKNOWN_MODEL = "inference-testkit-no-such-model";

export const startedProcessAnswers = defineCheck({
  id: "identity.started-process-answers",
  title: "the process that was started is the one that listens",
  level: "smoke",
  why: "A forgotten server on the same port answers every check in the place of the new one.",
  source: "https://github.com/ggml-org/llama.cpp/issues/20963",
  needs: ["launch"],
  run: async ({ target, server, prompts }) => {
    await target.generate(prompts.endless(), { max_tokens: 1 });
    const worker = { pid: Number(server.pid), token: NO_MARK };
    const owner = await findPortOwner({ ...addressOf(target.url), worker });
    if (owner.status === "unverified") inconclusive(`the owner of the port: ${owner.reason}`);
    if (owner.status === "other")
      fail({ expected: `process ${server.pid} to listen`, got: `process ${owner.pid}: ${owner.command}` });
  },
});

export const namesTheModel = defineCheck({
  id: "identity.answers-name-the-model",
  title: "an answer names the model that was asked",
  level: "standard",
  why: "Routers, bills and evaluations sort answers by the model that they name.",
  source:
    "https://github.com/ggml-org/llama.cpp/issues/10056; OpenAI API reference, model: the model used for the completion",
  needs: ["models"],
  isShared: true,
  run: async ({ target, prompts, server }) => {
    if (server.model === undefined) notApplicable("no request names a model");
    const names = findAll(await askOnce(target, prompts.endless()), "model").filter((name) => typeof name === "string");
    if (names.length === 0) inconclusive("an answer with a `model`");
    expect("model of the answer", [...new Set(names)]).toBe([server.model]);
  },
});

export const refusesUnknownModel = defineCheck({
  id: "identity.unknown-model-is-refused",
  title: "a request for a model that the server does not have is refused with 4xx",
  level: "standard",
  why: "A misspelled model is answered by another one, under the name that was asked for, and nobody notices.",
  source: "https://github.com/ddalcu/mlx-serve/issues/257; OpenAI API, error code model_not_found: status 404",
  needs: ["models"],
  isShared: true,
  run: async ({ target, prompts }) => {
    const answer = await target.ask(prompts.endless(), { model: UNKNOWN_MODEL, max_tokens: 1 });
    expect("answer", answer.describe()).toSatisfy("a status 4xx", () => answer.status >= 400 && answer.status < 500);
  },
});

export const modelListIsStable = defineCheck({
  id: "identity.model-list-is-stable",
  title: "the list of models is the same before and after requests, also refused ones",
  level: "standard",
  why: "A client that keeps a name from the list must be able to use it later; a list that grows by what was asked for lies.",
  source: "OpenAI API reference, List models: the currently available models",
  needs: ["models"],
  run: async ({ target, prompts, server }) => {
    const path = target.dialect.models?.path ?? "/";
    const parse = (text: string): readonly string[] => target.dialect.models?.parse(text) ?? [];
    await target.ask(prompts.endless(), { model: UNKNOWN_MODEL, max_tokens: 1 });
    await forEach(
      [1, 2],
      (number) => `list ${number}`,
      async () => {
        const { status, text } = await target.send(path);
        expect("status", status).toBe(200);
        expect("models", [...parse(text)].sort()).toBe([...server.probes.modelNames].sort());
      },
    );
  },
});

/** Dialects whose answers have an id. */
const WITH_IDS = /^(openai-|anthropic$)/;

export const answersHaveOwnIds = defineCheck({
  id: "identity.answers-have-ids-of-their-own",
  title: "two answers have different ids",
  level: "standard",
  why: "Traces and stores of answers take the id for a key; the second answer overwrites the first one.",
  source: "OpenAI API reference, Chat completion object, id: a unique identifier for the chat completion",
  isShared: true,
  run: async ({ target, prompts }) => {
    if (!WITH_IDS.test(target.dialect.name)) notApplicable(`answers of the dialect ${target.dialect.name} have no id`);
    const ids = [];
    for (let count = 0; count < 2; count += 1) ids.push(findId(await askOnce(target, prompts.endless())));
    expect("ids", ids).toSatisfy("two different ones", ([first, second]) => first !== undefined && first !== second);
  },
});

/** The decoded messages of one short stream. */
async function askOnce(target: CheckTarget, prompt: string): Promise<readonly unknown[]> {
  const { status, text } = await target.ask(prompt, { max_tokens: 2 });
  if (status !== 200) fail({ expected: "status 200", got: `status ${status}: ${show(text.slice(0, 100))}` });
  return text.split(/\r?\n/).flatMap((line) => {
    try {
      return [JSON.parse(line.replace(/^data: ?/, "")) as unknown];
    } catch {
      return []; // another field of the stream
    }
  });
}

/** The values of a field, in the messages and one level below: `response.model`, `message.model`. */
function findAll(messages: readonly unknown[], field: string): unknown[] {
  return messages.flatMap((message) => {
    const parts = [message, ...Object.values(asRecord(message))].map(asRecord);
    return parts.flatMap((part) => (part[field] === undefined ? [] : [part[field]]));
  });
}

function findId(messages: readonly unknown[]): unknown {
  return findAll(messages, "id")[0];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
