import type { IncomingMessage } from "node:http";
import { WorkerError } from "inference-worker-protocol";
import { changeAnswer, changeMessages, mapValues, readBody, withBody, type Json } from "./change-body.js";
import type { CreateMutation, Mutation } from "./mutation.js";

type Intercept = NonNullable<Mutation["intercept"]>;

const NUMBERS = /^(max_tokens|max_completion_tokens|max_output_tokens|num_predict|temperature|top_p)$/;
const RANGES: Readonly<Record<string, readonly [number, number]>> = { temperature: [0, 2], top_p: [0, 1] };
const TEXTS = /^(text|content|response|output_text)$/;
const ABSENT = "absent-model";
/** What fits the context of the stub, by far. */
const MOST_CHARACTERS = 8_192;

/** A mutation of requests before their route. */
export function intercepting(intercept: Intercept): CreateMutation {
  return () => ({ intercept });
}

/** Changes the JSON body of every POST. */
export function changingBody(change: (body: Json) => unknown): CreateMutation {
  return intercepting(async (call, next) => {
    if (call.request.method !== "POST") return next(call);
    const { bytes, json } = await readBody(call.request);
    const body = json === undefined ? bytes : JSON.stringify(change(json));
    return next({ ...call, request: withBody(call.request, body) });
  });
}

/** A body, as it was sent and as it was read. */
export interface SeenBody {
  readonly text: string;
  readonly json: Json | undefined;
  readonly request: IncomingMessage;
}

/** Fails with 500 for the bodies of POST that a test names. */
export function failingFor(isFatal: (body: SeenBody) => boolean): CreateMutation {
  return intercepting(async (call, next) => {
    if (call.request.method !== "POST") return next(call);
    const { bytes, json } = await readBody(call.request);
    const isFailure = isFatal({ text: bytes.toString("utf8"), json, request: call.request });
    if (isFailure) throw new WorkerError("INTERNAL", "unexpected failure");
    return next({ ...call, request: withBody(call.request, bytes) });
  });
}

/** Looks at every POST whose body is not a JSON object; `isBroken` also for the requests after it. */
function onMalformedJson(fail: (isMalformed: boolean, wasSeen: boolean) => boolean): CreateMutation {
  return () => {
    let wasSeen = false;
    const intercept: Intercept = async (call, next) => {
      if (call.request.method !== "POST") return next(call);
      const { bytes, json } = await readBody(call.request);
      const isMalformed = json === undefined;
      if (fail(isMalformed, wasSeen)) throw new WorkerError("INTERNAL", "unexpected failure");
      wasSeen ||= isMalformed;
      return next({ ...call, request: withBody(call.request, bytes) });
    };
    return { intercept };
  };
}

function addModel(answer: Json): Json {
  const entries = Object.entries(answer).map(([key, list]) => {
    const isList = ["data", "models"].includes(key) && Array.isArray(list);
    const [first] = isList ? (list as readonly Json[]) : [];
    if (first === undefined) return [key, list] as const;
    const names = ["id", "name", "model"].filter((name) => name in first).map((name) => [name, ABSENT]);
    return [key, [...(list as readonly Json[]), { ...first, ...Object.fromEntries(names) }]] as const;
  });
  return Object.fromEntries(entries);
}

function shorten(key: string, value: unknown): unknown {
  return TEXTS.test(key) && typeof value === "string" ? value.slice(0, -1) : value;
}

/** The defects of requests and answers. */
export const HTTP_MUTATIONS = {
  "ready.lists-an-absent-model": intercepting((call, next) => {
    if (call.request.method === "GET") changeAnswer(call.response, addModel);
    return next(call);
  }),
  "concurrency.resets-when-busy": intercepting((call, next, isBusy) => {
    if (call.request.method !== "POST" || !isBusy()) return next(call);
    call.response.destroy();
    return Promise.resolve();
  }),
  "stream.whole-answer-differs": intercepting((call, next) => {
    if (call.request.method === "POST") {
      changeAnswer(call.response, (answer) => mapValues(answer, shorten) as Json);
    }
    return next(call);
  }),
  "stream.new-id-per-chunk": intercepting((call, next) => {
    changeMessages(call.response, (message, index) => message.replace(/"id":"[^"]*/, `$&-${index}`));
    return next(call);
  }),
  "stream.sends-usage-unasked": changingBody((body) => {
    return "stream_options" in body ? { ...body, stream_options: { include_usage: true } } : body;
  }),
  "text.fails-for-nul": failingFor(({ text }) => text.includes("\\u0000")),
  "length.cuts-the-prompt": changingBody((body) =>
    mapValues(body, (key, value) => {
      return ["prompt", "content"].includes(key) && typeof value === "string" ? value.slice(-MOST_CHARACTERS) : value;
    }),
  ),
  "validation.malformed-json-500": onMalformedJson((isMalformed) => isMalformed),
  "validation.breaks-on-malformed-json": onMalformedJson((_, wasSeen) => wasSeen),
  "validation.drops-wrong-types": changingBody((body) =>
    mapValues(body, (key, value) => (NUMBERS.test(key) && typeof value !== "number" ? undefined : value)),
  ),
  "validation.clamps-values": changingBody((body) =>
    mapValues(body, (key, value) => {
      const [least, most] = RANGES[key] ?? [-Infinity, Infinity];
      return typeof value === "number" ? Math.min(most, Math.max(least, value)) : value;
    }),
  ),
} as const satisfies Readonly<Record<string, CreateMutation>>;
