import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { listBoundAddresses } from "../../../launch/index.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { launch } from "../../observe/launched.js";
import { addressOf, sendRaw, type RawReply } from "../../target/raw-socket.js";
import { expect, fail, forEach, inconclusive, notApplicable, show } from "../../verdict.js";

const FOREIGN = "http://evil.example";

export const bindsLoopback = defineCheck({
  id: "security.binds-loopback",
  title: "the server listens on loopback only, unless it was told otherwise",
  level: "standard",
  why: "A server without a password that listens on every interface serves the whole network.",
  source: "https://github.com/waybarrios/vllm-mlx/issues/338; https://github.com/vllm-project/vllm/issues/23052",
  needs: ["launch", "procfs"],
  run: ({ target, server }) => {
    if (/0\.0\.0\.0|\[?::\]?(?=\s|$)/.test(server.start?.command ?? "")) notApplicable("its command says otherwise");
    const bound = listBoundAddresses(Number(target.url.port));
    if (bound.length === 0) inconclusive("the socket that listens: the system does not show it");
    expect("where it listens", [...new Set(bound)]).toBe(["loopback"]);
    return Promise.resolve();
  },
});

export const keepsPromptsOut = defineCheck({
  id: "security.prompt-is-not-logged",
  title: "neither the prompt nor the answer is in the log at the default level",
  level: "standard",
  why: "Prompts hold secrets, and logs are kept, copied and read by people who must not see them.",
  source: "https://github.com/vllm-project/vllm/issues/1240; CWE-532",
  needs: ["launch"],
  budgetMs: 120_000,
  run: async (context) => {
    const { harness, target } = await launch(context);
    const secret = `secret-${randomUUID()}`;
    await target.generate(context.prompts.echo(secret), { max_tokens: 16 });
    await target.ask(context.prompts.echo(secret), { temperature: {} }); // and one that is refused
    await delay(200, undefined, { signal: context.signal }); // the log may be written late
    const line = harness.logs.lines.find(({ text }) => text.includes(secret));
    if (line !== undefined) fail({ expected: "a log without the prompt", got: show(line.text.slice(0, 200)) });
  },
});

export const simpleRequest = defineCheck({
  id: "security.web-page-cannot-run-jobs",
  title: "a job that a web page of another origin sends as text/plain is refused",
  level: "standard",
  why: "A browser sends such a request to 127.0.0.1 without asking, so any page can use the model of its reader.",
  source:
    "WHATWG Fetch, CORS-safelisted request-header: text/plain needs no preflight; https://github.com/ggml-org/llama.cpp/pull/25606",
  run: async ({ target, prompts }) => {
    const { path, headers, body } = target.encode(prompts.endless(), { max_tokens: 2 });
    const foreign = { ...headers, origin: FOREIGN, "content-type": "text/plain" };
    const page = target.withoutHeaders(); // a page does not have the key
    const answer = await page.send(path, { method: "POST", body, headers: foreign });
    expect("answer", answer.describe()).toSatisfy("a status 4xx", () => answer.status >= 400 && answer.status < 500);
  },
});

export const noGrant = defineCheck({
  id: "security.web-page-cannot-read-answers",
  title: "no web page of another origin is granted to read answers",
  level: "standard",
  why: "With Access-Control-Allow-Origin for everyone, any page reads what a local model says, and may call all of its routes.",
  source: "https://github.com/ggml-org/llama.cpp/pull/25655; WHATWG Fetch, CORS protocol: Access-Control-Allow-Origin",
  run: async (context) => {
    const { target, signal } = context;
    const path = target.dialect.executePaths[0] ?? "/";
    const lines = [
      `OPTIONS ${path} HTTP/1.1`,
      `Host: ${target.url.host}`,
      `Origin: ${FOREIGN}`,
      "Access-Control-Request-Method: POST",
      "Access-Control-Request-Headers: content-type",
      "Connection: close",
    ];
    const reply = await sendRaw(target.url, `${lines.join("\r\n")}\r\n\r\n`, { signal });
    const granted = /^access-control-allow-origin: *(\*|http:\/\/evil\.example)/im.exec(reply.text)?.[1];
    const isAnswered = reply.statuses.length > 0 || reply.isClosed;
    if (!isAnswered) inconclusive("an answer to OPTIONS");
    if (granted !== undefined)
      fail({ expected: `no grant for the origin ${FOREIGN}`, got: `access-control-allow-origin: ${granted}` });
  },
});

export const foreignHost = defineCheck({
  id: "security.foreign-host-is-refused",
  title: "a request to a loopback server under the name of another host is refused",
  level: "standard",
  why: "DNS rebinding turns a web page into a client of the server: the browser sends the page's host name.",
  source: "https://github.com/nomic-ai/gpt4all/pull/3587; CWE-346, Origin Validation Error",
  run: async ({ target, signal }) => {
    const path = target.dialect.models?.path ?? target.dialect.ready?.path ?? "/";
    const lines = ["origin: http://evil.example", "connection: close"];
    const request = target.writeHead(`GET ${path}`, lines, "evil.example");
    const reply = await sendRaw(target.url, request, { signal });
    expectRefusedOrClosed(reply, "Host: evil.example");
  },
});

const BAD_HEADERS: readonly (readonly [name: string, line: string])[] = [
  ["a NUL in a header", "X-Test: a\0b"],
  ["a name with a space", "X Test: a"],
  ["a space before the colon", "X-Test : a"],
  ["a bare CR in a header", "X-Test: a\rSet-Cookie: b"],
];

export const badHeaders = defineCheck({
  id: "security.malformed-headers",
  title: "a request with a malformed header is refused or its connection closed, and the next one is answered",
  level: "standard",
  why: "Two parsers that read one header differently let a request pass a proxy that should have stopped it.",
  source: "RFC 9112, 5.1 and 2.2; RFC 9110, 5.5: CR, LF and NUL are invalid in a field",
  run: async (context) => {
    const { target, signal } = context;
    await forEach(
      BAD_HEADERS,
      ([name]) => name,
      async ([name, line]) => expectRefusedOrClosed(await sendRaw(target.url, get(context, [line]), { signal }), name),
    );
    await expectAlive(context);
  },
});

export const largeHeaders = defineCheck({
  id: "security.oversize-headers",
  title: "a request with headers of a megabyte is refused or its connection closed, and the next one is answered",
  level: "standard",
  why: "A server that keeps whatever it is sent can be filled by one client.",
  source: "RFC 6585, 5: 431 Request Header Fields Too Large; CWE-770",
  run: async (context) => {
    const { target, signal } = context;
    const line = `X-Large: ${"x".repeat(1024 * 1024)}`;
    expectRefusedOrClosed(await sendRaw(target.url, get(context, [line]), { signal }), "a header of 1 MiB");
    await expectAlive(context);
  },
});

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

const FRAMINGS: readonly (readonly [name: string, lines: readonly string[], body: string])[] = [
  ["two different lengths", ["Content-Length: 0", `Content-Length: ${SMUGGLED.length}`], SMUGGLED],
  ["a length and chunks", ["Content-Length: 4", "Transfer-Encoding: chunked"], `0\r\n\r\n${SMUGGLED}`],
];

export const smuggling = defineCheck({
  id: "security.request-smuggling",
  title: "a request with two lengths is answered once at most, and what follows it is not taken for another request",
  level: "standard",
  why: "Behind a proxy that reads the other length, the rest of the body becomes a request in another user's name.",
  source: "RFC 9112, 6.3; https://github.com/yhirose/cpp-httplib/pull/2516",
  run: async ({ target, signal }) => {
    const path = target.dialect.executePaths[0] ?? "/";
    await forEach(
      FRAMINGS,
      ([name]) => name,
      async ([, lines, body]) => {
        const head = target.writeHead(`POST ${path}`, ["Content-Type: application/json", ...lines]);
        const { statuses } = await sendRaw(target.url, head + body, { signal });
        expect("number of responses", statuses.filter((status) => status >= 200).length).toBeAtMost(1);
      },
    );
  },
});

const TRAVERSALS = [
  "/../../../../../../etc/passwd",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  "/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
  "/static/..%5c..%5c..%5cetc/passwd",
  "//etc/passwd",
];

export const traversal = defineCheck({
  id: "security.path-traversal",
  title: "no path leads to a file of the machine",
  level: "standard",
  why: "A server that also serves a web page from a folder may serve every file above that folder.",
  source: "CWE-22, Path Traversal; RFC 3986, 5.2.4",
  run: async (context) => {
    const { target, signal } = context;
    await forEach(
      TRAVERSALS,
      (path) => `GET ${path}`,
      async (path) => {
        const { text, statuses } = await sendRaw(target.url, get(context, [], path), { signal });
        const [first] = statuses;
        if (/root:[^:]*:0:0:/.test(text)) fail({ expected: "a refusal", got: "the content of /etc/passwd" });
        if (first !== undefined && first >= 500) fail({ expected: "a status below 500", got: `status ${first}` });
      },
    );
    await expectAlive(context);
  },
});

export const noReflection = defineCheck({
  id: "security.no-reflected-markup",
  title: "an error about a path with markup does not send that markup as HTML",
  level: "standard",
  why: "A page that repeats the address runs the script of whoever made the link, with the rights of the server's origin.",
  source: "CWE-79, Cross-site Scripting",
  run: async (context) => {
    const markup = "<script>alert(1)</script>";
    const { text } = await sendRaw(context.target.url, get(context, [], `/${markup}`), { signal: context.signal });
    const isHtml = /^content-type: *text\/html/im.test(text);
    if (isHtml && text.includes(markup))
      fail({ expected: "markup that is escaped, or no HTML", got: `HTML with ${markup}` });
  },
});

const HALF_OPEN = 64;

export const halfOpen = defineCheck({
  id: "security.half-open-connections",
  title: `${HALF_OPEN} clients that never finish their headers do not keep others from their answers`,
  level: "standard",
  why: "One thread for each connection is used up by clients that send nothing, from one machine, for free.",
  source: "CWE-400 and CWE-772: slow-header attacks; RFC 9112, 9.5: a server may close an idle connection",
  budgetMs: 30_000,
  run: async (context) => {
    const { target } = context;
    const sockets = Array.from({ length: HALF_OPEN }, () => openHalf(target.url));
    try {
      await delay(100, undefined, { signal: context.signal });
      await target.generate(context.prompts.endless(), { max_tokens: 2 });
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  },
});

function openHalf(url: URL): Socket {
  const socket = connect(addressOf(url));
  socket.on("error", () => undefined); // refusing it is fine
  socket.on("connect", () => void socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
  return socket;
}

function get({ target }: CheckContext, lines: readonly string[], path?: string): string {
  const asked = path ?? target.dialect.ready?.path ?? target.dialect.models?.path ?? "/";
  return target.writeHead(`GET ${asked}`, [...lines, "Connection: close"]);
}

function expectRefusedOrClosed({ statuses, isClosed }: RawReply, what: string): void {
  const [first] = statuses;
  const isRefused = first !== undefined && first >= 400 && first < 500;
  if (isRefused || (first === undefined && isClosed)) return;
  const got = first === undefined ? "silence on an open connection" : `status ${first}`;
  fail({ expected: `a status 4xx or a closed connection for ${what}`, got });
}

async function expectAlive({ target, prompts }: CheckContext): Promise<void> {
  await target.generate(prompts.endless(), { max_tokens: 2 });
}
