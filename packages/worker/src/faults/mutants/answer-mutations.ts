import type { ServerResponse } from "node:http";
import { readBody, withBody, type Json } from "./change-body.js";
import type { CreateMutation, Mutation } from "./mutation.js";
import { reviseAnswer, reviseErrors } from "./revise-answer.js";

type Intercept = NonNullable<Mutation["intercept"]>;

const TRACE = "Traceback (most recent call last): ";

/** The last entry of a list of models, and its name. */
const LAST_MODEL = /\{[^{}]*"(?:id|name)":"[^[\]]*\}(?=\])/;
const NAME = /"(?:id|name)":"([^"]*)"/;

function revising(revise: (response: ServerResponse) => void): CreateMutation {
  return () => ({
    intercept: (call, next) => {
      if (call.request.method === "POST") revise(call.response);
      return next(call);
    },
  });
}

/** Looks at the JSON of every POST, and may send another one on. */
function reading(look: (body: Json, response: ServerResponse) => Json): Intercept {
  return async (call, next) => {
    if (call.request.method !== "POST") return next(call);
    const { bytes, json } = await readBody(call.request);
    const body = json === undefined ? bytes : JSON.stringify(look(json, call.response));
    return next({ ...call, request: withBody(call.request, body) });
  };
}

function listWhatWasAsked(): Mutation {
  const names = new Set<string>();
  const remember = reading((body) => {
    if (typeof body["model"] === "string") names.add(body["model"]);
    return body;
  });
  const addNames = (text: string): string =>
    text.replace(LAST_MODEL, (last) => {
      const own = NAME.exec(last)?.[1] ?? "";
      const others = [...names].filter((name) => name !== own);
      return [last, ...others.map((name) => last.replaceAll(`"${own}"`, JSON.stringify(name)))].join(",");
    });
  return {
    intercept: (call, next, isBusy) => {
      if (call.request.method === "GET") reviseAnswer(call.response, { text: addNames });
      return remember(call, next, isBusy);
    },
  };
}

/** The defects of what answers say. */
export const ANSWER_MUTATIONS = {
  "identity.names-another-model": revising((response) =>
    reviseAnswer(response, { text: (text) => text.replaceAll(/"model":"[^"]*"/g, '"model":"gpt-3.5-turbo"') }),
  ),
  "identity.one-id-for-all-answers": revising((response) =>
    reviseAnswer(response, { text: (text) => text.replaceAll(/"id":"[^"]*"/g, '"id":"chatcmpl-0"') }),
  ),
  "identity.takes-any-model": () => ({
    intercept: reading((body) => (typeof body["model"] === "string" ? { ...body, model: "stub" } : body)),
  }),
  "identity.lists-what-was-asked-for": listWhatWasAsked,
  "errors.as-html": revising((response) =>
    reviseAnswer(response, {
      headers: (headers, status) => (status < 400 ? headers : { ...headers, "content-type": "text/html" }),
    }),
  ),
  "errors.in-a-foreign-form": revising((response) => reviseErrors(response, () => '{"oops":true}')),
  "errors.with-a-stack-trace": revising((response) =>
    reviseErrors(response, (text) => text.replaceAll(/"(message|error|reason)":"/g, `$&${TRACE}`)),
  ),
  "errors.streamed-with-200": () => ({
    intercept: reading((body, response) => {
      if (body["stream"] !== false) reviseAnswer(response, { status: () => 200 });
      return body;
    }),
  }),
  "errors.without-retry-after": revising((response) => {
    reviseAnswer(response, {
      headers: (headers) => {
        response.removeHeader("retry-after");
        return headers;
      },
    });
  }),
} as const satisfies Readonly<Record<string, CreateMutation>>;
