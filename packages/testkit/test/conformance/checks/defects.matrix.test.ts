import { expect, test } from "vitest";
import { runOnFront, type Defect } from "./front.js";

const pass: Defect = (_request, _response, next) => next();

const isJob = (url: string | undefined): boolean => url?.startsWith("/v1/chat") === true;

/** A front that changes what matches, and passes the rest. */
const onPath =
  (path: RegExp, act: Defect): Defect =>
  (request, response, next) =>
    (path.test(request.url ?? "") ? act : pass)(request, response, next);

const metrics = (change: (text: string) => string): Defect =>
  onPath(/^\/metrics/, (_request, _response, next) => next({ answer: change }));

const refusals = (answer: (text: string) => string): Defect =>
  onPath(/^\/v1\/chat/, (_request, _response, next) =>
    next({ answer: (text) => (text.includes('"error"') ? answer(text) : text) }),
  );

let looks = 0;
let jobs = 0;

/** The check, the defect, what was expected, and what came. */
const CASES: readonly (readonly [id: string, defect: Defect, expected: RegExp, got: RegExp])[] = [
  [
    "ready.stays-ready",
    onPath(/^\/health/, (_request, response, next) => {
      looks += 1;
      if (looks > 6) response.writeHead(503).end();
      else next();
    }),
    /status of GET \/health, look \d+ of 10 to be 200/,
    /503/,
  ],
  [
    "identity.answers-name-the-model",
    onPath(/^\/v1\/chat/, (_request, _response, next) =>
      next({ answer: (text) => text.replaceAll(/"model":"[^"]*"/g, '"model":"gpt-3.5-turbo"') }),
    ),
    /model of the answer/,
    /gpt-3\.5-turbo/,
  ],
  [
    "identity.unknown-model-is-refused",
    onPath(/^\/v1\/chat/, (_request, _response, next) =>
      next({ body: (text) => text.replaceAll("inference-testkit-no-such-model", "stub") }),
    ),
    /a status 4xx/,
    /status 200/,
  ],
  [
    "identity.answers-have-ids-of-their-own",
    onPath(/^\/v1\/chat/, (_request, _response, next) =>
      next({ answer: (text) => text.replaceAll(/"id":"[^"]*"/g, '"id":"chatcmpl-0"') }),
    ),
    /two different ones/,
    /chatcmpl-0/,
  ],
  [
    "identity.model-list-is-stable",
    onPath(/^\/v1\/(models|chat)/, (request, _response, next) => {
      if (isJob(request.url)) jobs += 1;
      next(jobs > 2 && !isJob(request.url) ? { answer: (text) => text.replaceAll('"stub"', '"other"') } : {});
    }),
    /models to be \["stub"\]/,
    /other/,
  ],
  [
    "disconnect.close-stops-generation",
    (_request, _response, next) => next({ ignoresLeaving: true }),
    /no busy slot/,
    /busy slots/,
  ],
  [
    "disconnect.reset-stops-generation",
    (_request, _response, next) => next({ ignoresLeaving: true }),
    /no busy slot/,
    /busy slots/,
  ],
  [
    "disconnect.before-the-first-token",
    (_request, _response, next) => next({ ignoresLeaving: true }),
    /no busy slot/,
    /busy slots/,
  ],
  [
    "disconnect.whole-answer-stops",
    (_request, _response, next) => next({ ignoresLeaving: true }),
    /no busy slot/,
    /busy slots/,
  ],
  [
    "cancel.frees-the-slot",
    (_request, _response, next) => next({ ignoresLeaving: true }),
    /no busy slot/,
    /busy slots/,
  ],
  [
    "metrics.parse",
    metrics((text) => `${text}\nrequests per second 4 5 6\n`),
    /Prometheus text/,
    /expected a Prometheus sample/,
  ],
  [
    "metrics.are-numbers",
    metrics((text) => text.replace(/^worker_uptime_seconds .*$/m, "worker_uptime_seconds NaN")),
    /samples to be \[\]/,
    /worker_uptime_seconds NaN/,
  ],
  [
    "metrics.have-no-duplicates",
    metrics((text) => text.replace(/^worker_uptime_seconds .*$/m, "$&\n$&")),
    /there twice/,
    /worker_uptime_seconds/,
  ],
  ["metrics.histograms-add-up", metrics((text) => text.replaceAll(/(le="\+Inf"\}) \d+/g, "$1 0")), /buckets of/, /0/],
  [
    "metrics.counters-never-fall",
    metrics((text) =>
      text.replaceAll(
        /^(worker_tokens_generated_total) (\d+)$/gm,
        (_, name: string, value: string) => `${name} ${1e6 - Number(value)}`,
      ),
    ),
    /counters that fell/,
    /worker_tokens_generated_total/,
  ],
  [
    "metrics.count-requests",
    metrics((text) => text.replace(/(outcome="completed"\}) \d+/, "$1 0")),
    /growth of the counter of requests after 3 to be 3/,
    /0/,
  ],
  [
    "metrics.count-tokens",
    metrics((text) => text.replace(/^(worker_tokens_generated_total) \d+/m, "$1 7")),
    /growth of the counter/,
    /0/,
  ],
  [
    "metrics.show-a-running-job",
    metrics((text) => text.replace(/(state="busy"\}) \d+/, "$1 1")),
    /busy slots after the job to be 0/,
    /1/,
  ],
  [
    "security.web-page-cannot-run-jobs",
    (request, _response, next) => {
      request.headers["content-type"] = "application/json";
      next();
    },
    /a status 4xx/,
    /status 200/,
  ],
  [
    "security.web-page-cannot-read-answers",
    (request, response, next) => {
      if (request.method === "OPTIONS") response.writeHead(204, { "access-control-allow-origin": "*" }).end();
      else next();
    },
    /no grant/,
    /access-control-allow-origin: \*/,
  ],
  ["security.foreign-host-is-refused", pass, /a status 4xx or a closed connection/, /status 200/],
  [
    "security.path-traversal",
    (request, response, next) => {
      if (request.url?.includes("passwd") === true) response.writeHead(200).end("root:x:0:0:root:/root:/bin/sh\n");
      else next();
    },
    /a refusal/,
    /content of \/etc\/passwd/,
  ],
  [
    "security.no-reflected-markup",
    (request, response, next) => {
      if (request.url?.includes("script") === true)
        response.writeHead(404, { "content-type": "text/html" }).end(`No ${request.url}`);
      else next();
    },
    /markup that is escaped/,
    /HTML with <script>/,
  ],
  ["errors.have-code-and-message", refusals(() => '{"oops":true}'), /JSON with a message/, /oops/],
  [
    "errors.show-no-internals",
    refusals((text) => text.replace('"message":"', '"message":"Traceback (most recent call last): ')),
    /without a stack trace/,
    /Traceback/,
  ],
  [
    "errors.are-json",
    onPath(/^\/v1\/chat/, (_request, _response, next) =>
      next({ headers: (headers, status) => (status < 400 ? headers : { ...headers, "content-type": "text/html" }) }),
    ),
    /content-type to be like/,
    /text\/html/,
  ],
  [
    "errors.same-with-and-without-streaming",
    onPath(/^\/v1\/chat/, (_request, _response, next) => {
      let isStream = false;
      next({
        body: (text) => {
          isStream = text.includes('"stream":true');
          return text;
        },
        status: (status) => (isStream ? 200 : status),
      });
    }),
    /status with streaming to be 400/,
    /200/,
  ],
  [
    "errors.overload-says-when-to-retry",
    onPath(/^\/v1\/chat/, (_request, _response, next) =>
      next({ headers: ({ "retry-after": _retry, ...headers }) => headers }),
    ),
    /retry-after of the answer/,
    /nothing/,
  ],
];

test.each(CASES)("%s fails on a server with its defect", async (...[id, defect, expected, got]) => {
  const result = await runOnFront(id, defect);
  expect([result.status, result.message]).toEqual(["fail", expect.any(String)]);
  expect(result.expected).toMatch(expected);
  expect(result.got).toMatch(got);
});
