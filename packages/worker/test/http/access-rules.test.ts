import { hostname } from "node:os";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { AccessRules, HttpServer, PLAIN_BEHAVIOR, type AccessOptions } from "../../src/http/index.js";
import { Bench } from "../support/bench.js";
import { Control } from "../support/control.js";
import { stubEngine } from "../support/engines.js";
import { connectRaw, rawRequest } from "../support/raw-connection.js";
import { execute, health, readEvents } from "../support/requests.js";
import { startSharedWorker, startWorker, type WorkerProcess } from "../support/worker-process.js";

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends one request and reads to the end of the connection. */
async function ask(...[port, line, headers, body]: [number, string, readonly string[], unknown?]): Promise<Answer> {
  const connection = await connectRaw(port);
  connection.send(rawRequest(line, { headers: [...headers, "Connection: close"], body }));
  await connection.closed;
  return { status: connection.statuses[0] ?? 0, text: connection.text };
}

/** The HTTP side alone, in this process, with rules of its own. */
async function startServer(options: AccessOptions): Promise<{ port: number; wasAskedToStop: () => boolean }> {
  const engine = stubEngine({});
  const { scheduler, metrics, logger } = new Bench(engine);
  let asked = false;
  const state = {
    workerId: "w",
    version: "0.0.0",
    engine,
    scheduler,
    metrics,
    logger,
    maxTokensOut: 2048,
    behavior: PLAIN_BEHAVIOR,
    stopping: false,
    uptimeSeconds: () => 0,
    requestShutdown: () => void (asked = true),
  };
  const server = new HttpServer(state, { access: new AccessRules(options) });
  const port = await server.listen("127.0.0.1", 0);
  onTestFinished(() => server.close());
  return { port, wasAskedToStop: () => asked };
}

const LOOPBACK_HOSTS = [
  "localhost",
  "LocalHost",
  "localhost.",
  "localhost:1",
  "worker.localhost:8080",
  "127.0.0.1",
  "127.0.0.1:99",
  "127.1",
  "127.255.255.254",
  "[::1]:8080",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
];
const FOREIGN_HOSTS = [
  "evil.example",
  "EVIL.example:80",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "127.0.0.1.nip.io",
  "notlocalhost",
  "localhost..",
  ".localhost.evil",
  "evil@127.0.0.1",
  "127.0.0.1@evil.example",
  "localhost evil.example",
  "localhost,evil.example",
  "localhost/evil.example",
  "localhost\\evil.example",
  "localhost#.evil.example",
  "%6cocalhost",
  "localhost:80:80",
  "localhost:99999",
  "localhost:x",
  "0.0.0.0",
  "[::]",
  "203.0.113.9",
  "[2001:db8::1]",
  "[::1",
  "::1",
  "",
];

describe("the Host of a worker on loopback", () => {
  let worker: WorkerProcess;
  let ports: number[];
  beforeAll(async () => {
    worker = await startSharedWorker();
    ports = [worker.port, Number(new URL(new Control(worker).url).port)];
  });
  afterAll(() => worker.stop());

  test.each(LOOPBACK_HOSTS)("%j is accepted", async (host) => {
    expect((await ask(worker.port, "GET /health", [`Host: ${host}`])).status).toBe(200);
  });

  test.each(FOREIGN_HOSTS)("%j is 403 on both listeners, and names the flag", async (host) => {
    for (const port of ports) {
      const { status, text } = await ask(port, "POST /shutdown", [`Host: ${host}`], {});
      expect(status).toBe(403);
      expect(text).toContain('"code":"FORBIDDEN"');
      expect(text).toContain("`--allow-host ");
    }
    expect((await health(worker)).status).toBe("healthy");
  });

  test("a Host of 10,000 characters is truncated in the message", async () => {
    const { status, text } = await ask(worker.port, "GET /health", [`Host: ${"a.".repeat(5_000)}b`]);
    expect([status, text.length < 1_000]).toEqual([403, true]);
  });

  test("a foreign host in the target counts like one in the header", async () => {
    const targets = ["http://evil.example/health", "HTTP://evil.example/health", "http://evil@localhost/health"];
    for (const target of targets) {
      expect((await ask(worker.port, `GET ${target}`, ["Host: localhost"])).status).toBe(403);
    }
    expect((await ask(worker.port, "GET http://localhost/health", ["Host: evil.example"])).status).toBe(403);
    expect((await ask(worker.port, "GET http://127.0.0.1:1/health", ["Host: localhost"])).status).toBe(200);
  });

  test.each([
    ["none", [], "got none"],
    ["two that differ", ["Host: localhost", "Host: evil.example"], "got several"],
    ["two that are equal", ["Host: localhost", "Host: localhost"], "got several"],
  ])("HTTP/1.1 with %s is 400", async (_name, headers, message) => {
    const { status, text } = await ask(worker.port, "GET /health", headers);
    expect(status).toBe(400);
    expect(text).toContain(message);
  });

  test("HTTP/1.0 needs no Host but must not have a foreign one", async () => {
    const askOld = async (headers: string) => {
      const connection = await connectRaw(worker.port);
      connection.send(`GET /health HTTP/1.0\r\n${headers}\r\n`);
      await connection.closed;
      return connection.statuses;
    };
    expect(await askOld("")).toEqual([200]);
    expect(await askOld("Host: evil.example\r\n")).toEqual([403]);
  });

  test("a rejected body is read to its end, and the connection serves the next request", async () => {
    const connection = await connectRaw(worker.port);
    connection.send(rawRequest("POST /execute", { headers: ["Host: evil.example"], body: "x".repeat(500_000) }));
    connection.send(rawRequest("GET /health"));
    await connection.waitForText(/"status":"healthy"/);
    expect(connection.statuses).toEqual([403, 200]);
  });
});

describe("the Host of other listeners", () => {
  test.each<[string, AccessOptions, string[], string[]]>([
    [
      "all IPv4 addresses: any address and the machine's name",
      { host: "0.0.0.0" },
      ["10.1.2.3:80", "[2001:db8::1]", "localhost", `${hostname()}:8080`, hostname().toUpperCase(), "0.0.0.0"],
      ["evil.example", `${hostname()}.evil.example`],
    ],
    ["all IPv6 addresses", { host: "::" }, ["10.1.2.3", "[::]", "localhost"], ["evil.example"]],
    [
      "one address",
      { host: "10.1.2.3" },
      ["10.1.2.3:80", "localhost", hostname()],
      ["10.1.2.4", "[::2]", "evil.example"],
    ],
    ["one IPv6 address", { host: "fe80::1%eth0" }, ["[fe80::1]:80", "[FE80:0::1]"], ["[fe80::2]", "fe80::1"]],
    ["a name", { host: "GPU-7.lab" }, ["gpu-7.lab:8080", "127.0.0.1"], ["gpu-7", "evil.example"]],
    [
      "--allow-host",
      { allowHosts: ["Proxy.example", "::2"] },
      ["proxy.example.:1", "[::2]"],
      ["a.proxy.example", "[::3]"],
    ],
    ["--allow-host *", { allowHosts: ["*"] }, ["evil.example", "a@b", ""], []],
  ])("%s", async (...[, options, accepted, refused]) => {
    const { port } = await startServer(options);
    for (const host of accepted) {
      expect([host, (await ask(port, "GET /health", [`Host: ${host}`])).status]).toEqual([host, 200]);
    }
    for (const host of refused) {
      expect([host, (await ask(port, "GET /health", [`Host: ${host}`])).status]).toEqual([host, 403]);
    }
  });
});

describe("the Origin", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeEach(async () => {
    server = await startServer({ allowOrigins: ["http://app.example:3000", "HTTPS://Other.example"] });
  });
  const post = (origin: string, ...headers: string[]) =>
    ask(server.port, "POST /shutdown", ["Host: localhost:8080", `Origin: ${origin}`, ...headers], {});

  test.each([
    "http://localhost:3000",
    "http://127.0.0.1:8080",
    "http://localhost",
    "http://evil.example",
    "http://app.example",
    "http://app.example:3000.evil.example",
    "http://app.example:3000/",
    "https://app.example:3000",
    "http://a.app.example:3000",
    "http://app.example:3000, http://app.example:3000",
    "http://localhost:8080@evil.example",
    "file://localhost:8080",
    "null",
    "*",
    "",
    "localhost:8080",
  ])("%j is 403 with the flag, and nothing is done", async (origin) => {
    const { status, text } = await post(origin);
    expect(status).toBe(403);
    expect(text).toContain('"code":"FORBIDDEN"');
    expect(text).toContain("`--allow-origin ");
    expect(text).not.toMatch(/^access-control-/im);
    expect(server.wasAskedToStop()).toBe(false);
  });

  test.each(["http://localhost:8080", "HTTP://LOCALHOST:8080", "https://localhost:8080"])(
    "%j is the worker's own: a proxy in front may have terminated TLS",
    async (origin) => {
      expect((await post(origin)).status).toBe(202);
      expect(server.wasAskedToStop()).toBe(true);
    },
  );

  test("an allowed one may read the answers, including refusals", async () => {
    for (const line of ["GET /health", "GET /nowhere", "POST /execute"]) {
      const { text } = await ask(server.port, line, ["Host: localhost", "Origin: http://app.example:3000"]);
      expect(text).toMatch(/^access-control-allow-origin: http:\/\/app\.example:3000\r$/m);
      expect(text).toMatch(/^access-control-expose-headers: x-correlation-id, retry-after, x-job-id, x-seed\r$/m);
      expect(text).toMatch(/^vary: origin\r$/m);
    }
    expect((await post("https://other.example")).status).toBe(202);
  });

  test("an allowed one does not allow a foreign Host", async () => {
    const headers = ["Host: evil.example", "Origin: http://app.example:3000"];
    expect((await ask(server.port, "GET /health", headers)).status).toBe(403);
  });

  test("a preflight request is answered only for an allowed one", async () => {
    const preflight = (origin: string, headers = "authorization, content-type, x-stainless-lang") =>
      ask(server.port, "OPTIONS /execute", [
        "Host: localhost",
        `Origin: ${origin}`,
        "Access-Control-Request-Method: POST",
        `Access-Control-Request-Headers: ${headers}`,
      ]);
    const { status, text } = await preflight("http://app.example:3000");
    expect(status).toBe(204);
    expect(text).toMatch(/^access-control-allow-methods: DELETE, GET, POST, PUT\r$/m);
    expect(text).toMatch(/^access-control-allow-headers: authorization, content-type, x-stainless-lang\r$/m);
    const odd = await preflight("http://app.example:3000", "content-type; <script>");
    expect(odd.text).toMatch(/^access-control-allow-headers: content-type, x-correlation-id\r$/m);
    expect((await preflight("http://evil.example")).status).toBe(403);
  });

  test("`*` allows any, including `null`", async () => {
    const open = await startServer({ allowOrigins: ["*"] });
    for (const origin of ["null", "http://evil.example"]) {
      const { status, text } = await ask(open.port, "GET /health", ["Host: localhost", `Origin: ${origin}`]);
      expect(status).toBe(200);
      expect(text).toContain(`access-control-allow-origin: ${origin}\r`);
    }
  });

  test("`null` is allowed by name", async () => {
    const open = await startServer({ allowOrigins: ["null"] });
    expect((await ask(open.port, "GET /health", ["Host: localhost", "Origin: null"])).status).toBe(200);
    expect((await ask(open.port, "GET /health", ["Host: localhost", "Origin: foo://x"])).status).toBe(403);
  });
});

describe("Sec-Fetch-Site without an Origin", () => {
  test.each([
    ["cross-site", "no-cors", "image", 403],
    ["same-site", "no-cors", "image", 403],
    ["cross-site", "navigate", "iframe", 403],
    ["something-new", "cors", "empty", 403],
    ["cross-site", "navigate", "document", 200],
    ["same-origin", "cors", "empty", 200],
    ["none", "navigate", "document", 200],
  ])("%s, %s, %s is %i", async (...[site, mode, destination, status]) => {
    const { port } = await startServer({});
    const headers = [`Sec-Fetch-Site: ${site}`, `Sec-Fetch-Mode: ${mode}`, `Sec-Fetch-Dest: ${destination}`];
    expect((await ask(port, "GET /health", ["Host: localhost", ...headers])).status).toBe(status);
  });
});

describe("the content type of a POST", () => {
  test.each(["/shutdown", "/cancel/a", "/cancel", "/execute"])(
    "%s without JSON is 415, and nothing is done",
    async (path) => {
      const { port, wasAskedToStop } = await startServer({});
      for (const type of [[], ["Content-Type: text/plain"], ["Content-Type: application/x-www-form-urlencoded"]]) {
        const { status, text } = await ask(port, `POST ${path}`, ["Host: localhost", ...type, "Content-Length: 0"]);
        expect(status).toBe(415);
        expect(text).toContain("expected application/json in UTF-8");
      }
      expect(wasAskedToStop()).toBe(false);
    },
  );

  test.each(["/shutdown", "/cancel/a"])("%s needs only the type, no body", async (path) => {
    const { port } = await startServer({});
    const headers = ["Host: localhost", "Content-Type: application/json", "Content-Length: 0"];
    expect((await ask(port, `POST ${path}`, headers)).status).toBe(202);
  });
});

test("the flags apply to both listeners of a worker", async () => {
  const worker = await startWorker(["--allow-host", "gpu-7", "--allow-origin", "http://app.example"]);
  const control = new URL(new Control(worker).url);
  const headers = ["Host: gpu-7:80", "Origin: http://app.example"];
  expect((await ask(worker.port, "GET /health", headers)).status).toBe(200);
  expect((await ask(Number(control.port), `GET ${control.pathname}/faults`, headers)).status).toBe(200);
  expect((await readEvents(await execute(worker))).at(-1)?.type).toBe("end");
});
