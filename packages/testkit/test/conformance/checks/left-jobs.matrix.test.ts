import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { CATALOGUE } from "../../../src/conformance/catalogue.js";
import { defineCheck, type Check } from "../../../src/conformance/check.js";
import { conformanceToMarkdown } from "../../../src/conformance/report/to-markdown.js";
import { runSuite } from "../../../src/conformance/run/run-conformance.js";
import { serve } from "../run/serve.js";

interface Body {
  readonly model?: string;
  readonly max_tokens?: unknown;
  readonly stream?: boolean;
}

const find = (id: string): Check => CATALOGUE.find((check) => check.id === id)!;

/** Runs checks on a server of this process. */
async function check(checks: readonly Check[], listener: RequestListener, silenceMs: number) {
  const report = await runSuite(
    await serve(listener, "openai-completions"),
    { silenceMs, level: "full", profile: { slots: 1 } },
    checks,
  );
  return report.checks.map(({ status, message }) => ({ status, message }));
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}") as Body;
}

const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

const chunk = (text: string, reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: "a", choices: [{ index: 0, text, finish_reason: reason }] })}\n\n`;

/** A stream of one token after another, for as long as its client is there. */
async function stream(response: ServerResponse, tokens: number, gapMs: number): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (let index = 0; index < tokens && !response.destroyed; index += 1) {
    response.write(chunk(" word", index === tokens - 1 ? "length" : null));
    await pause(gapMs);
  }
  response.end("data: [DONE]\n\n");
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes one job after the other, also those whose client has gone, and answers nothing before. */
function oneAtATime(jobMs: number): RequestListener {
  let last = Promise.resolve();
  return (request, response) => {
    if (request.method !== "POST") return void response.writeHead(404).end();
    void readBody(request).then(({ max_tokens: tokens }) => {
      last = last.then(async () => {
        await pause(jobMs);
        await stream(response, Number(tokens), 0);
      });
    });
  };
}

test("the check after one that floods the server does not find its jobs in the queue", async () => {
  const next = defineCheck({
    ...{ id: "errors.next", title: "next", level: "smoke", why: "test", source: "test" },
    run: async ({ target, prompts }) => {
      await target.generate(prompts.endless(), { max_tokens: 2 });
    },
  });
  const [flood, after] = await check([find("errors.overload-says-when-to-retry"), next], oneAtATime(40), 1_000);
  expect(flood).toEqual({ status: "not-applicable", message: "the server refused none of 97 jobs at once" });
  expect(after).toEqual({ status: "pass", message: "" });
});

/** Refuses a temperature that is not a number and, if it streams or `refusesWhole`, a limit that is not; never answers an unknown model. */
function waiting(isSilent: (body: Body) => boolean): RequestListener {
  return (request, response) => {
    if (request.method !== "POST") return void response.writeHead(404).end();
    void readBody(request).then(
      (body) => {
        if (isSilent(body)) return;
        const { max_tokens: tokens, temperature } = body as Body & { temperature?: unknown };
        if (typeof tokens === "number" && typeof temperature === "number") return void stream(response, tokens, 0);
        sendJson(response, 400, { error: { message: "not a number", type: "invalid_request_error", code: "type" } });
      },
      () => sendJson(response, 400, { error: { message: "not JSON", type: "invalid_request_error", code: "json" } }),
    );
  };
}

test("a request that the server takes and does not answer in time is no difference between errors", async () => {
  const silent = waiting(({ model }) => model === "inference-testkit-no-such-model");
  const same = await check([find("errors.same-with-and-without-streaming")], silent, 500);
  expect(same).toEqual([{ status: "pass", message: "" }]);
});

test("a request that is refused without streaming and not answered with streaming is one", async () => {
  const silent = waiting(({ max_tokens: tokens, stream: streams }) => tokens === "sixteen" && streams === true);
  const [same] = await check([find("errors.same-with-and-without-streaming")], silent, 500);
  expect(same).toMatchObject({ status: "fail", message: expect.stringContaining("within 500 ms") as string });
});

test("a bad request that the server takes for one without a limit has no error to look at", async () => {
  const silent = waiting(({ max_tokens: tokens }) => tokens === "sixteen");
  const results = await check([find("errors.show-no-internals"), find("errors.are-json")], silent, 500);
  expect(results.map(({ status }) => status)).toEqual(["pass", "pass"]);
});

/** Looks for the client of an answer without streaming after a second in which no request was answered. `looks`: whether it does. */
function looksSeldom(looks: boolean): RequestListener {
  let busy = 0;
  let look = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const restart = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => look(), 1_000);
  };
  onTestFinished(() => clearTimeout(timer));
  return (request, response) => {
    restart();
    if (request.url === "/slots") {
      sendJson(response, 200, [{ id: 0, is_processing: busy > 0 }]);
      return;
    }
    if (request.method !== "POST") return void response.writeHead(404).end();
    void readBody(request).then(async ({ max_tokens: tokens, stream: streams }) => {
      busy += 1;
      if (streams === true) await stream(response, Number(tokens), 6);
      else if (looks) await new Promise<void>((resolve) => (look = () => response.destroyed && resolve()));
      else return; // for good
      busy -= 1;
    });
  };
}

test("a server that looks for its clients only in quiet moments frees the slot of a whole answer", async () => {
  const results = await check([find("disconnect.whole-answer-stops")], looksSeldom(true), 10_000);
  expect(results).toEqual([{ status: "pass", message: "" }]);
});

test("a server that never looks does not", async () => {
  const [result] = await check([find("disconnect.whole-answer-stops")], looksSeldom(false), 10_000);
  expect(result).toMatchObject({
    status: "fail",
    message: expect.stringMatching(/no busy slot .* after the disconnect, got 1 busy slots/) as string,
  });
});

/** Answers nothing before a job begins. `leaves`: whether it leaves out a job whose client has gone. */
function oneSlot(leaves: boolean): RequestListener {
  let busy = 0;
  let last = Promise.resolve();
  return (request, response) => {
    if (request.url === "/slots") {
      sendJson(response, 200, [{ id: 0, is_processing: busy > 0 }]);
      return;
    }
    if (request.method !== "POST") return void response.writeHead(404).end();
    void readBody(request).then(({ max_tokens: tokens }) => {
      busy += 1;
      last = last.then(async () => {
        if (!response.destroyed) await stream(response, Number(tokens), 6);
        else if (!leaves) await new Promise(() => undefined); // however slowly the check is run, it sees the job
        busy -= 1;
      });
    });
  };
}

test("a job that is left in the queue of a server that answers nothing before it begins", async () => {
  const results = await check([find("cancel.in-the-queue")], oneSlot(true), 1_000);
  expect(results).toEqual([{ status: "pass", message: "" }]);
});

test("a server that runs a job that was left in its queue is found", async () => {
  const [result] = await check([find("cancel.in-the-queue")], oneSlot(false), 1_000);
  expect(result).toMatchObject({
    status: "fail",
    message: expect.stringContaining("after the end of the running jobs") as string,
  });
});

/** Breaks the connection of every question about its slots that `breaks` says; the slots are idle. */
function breaking(breaks: (count: number) => boolean): RequestListener {
  let count = 0;
  return (request, response) => {
    if (request.url !== "/slots") return void response.writeHead(404).end();
    count += 1;
    if (breaks(count)) request.socket.destroy();
    else sendJson(response, 200, [{ id: 0, is_processing: false }]);
  };
}

const asksForSlots = defineCheck({
  ...{ id: "metrics.asks", title: "asks", level: "smoke", why: "test", source: "test" },
  run: async ({ target }) => {
    for (let count = 0; count < 8; count += 1) await target.slots();
  },
});

test("a connection that closes while the slots are asked for is not a failure of the check, but a note on it", async () => {
  const report = await runSuite(
    await serve(
      breaking((count) => count % 3 === 2),
      "openai-completions",
    ),
    { silenceMs: 2_000, level: "full", profile: { slots: 1 } },
    [asksForSlots],
  );
  const text = "the connection closed before the answer about the slots, which was asked for again (4 times)";
  expect(report.checks).toMatchObject([{ status: "pass", message: "", notes: [text] }]);
  expect(conformanceToMarkdown(report).replaceAll("\\", "")).toContain(`Note on metrics.asks: ${text}`);
});

test("one that closes each time is", async () => {
  const [result] = await check(
    [asksForSlots],
    breaking(() => true),
    2_000,
  );
  expect(result).toMatchObject({ status: "fail" });
});
