import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Control } from "../support/control.js";
import { connectRaw, rawRequest } from "../support/raw-connection.js";
import { execute, health, readEvents, StreamReader, typesOf } from "../support/requests.js";
import { startSharedWorker, startWorker, stub, type WorkerProcess } from "../support/worker-process.js";

describe("rejected requests", () => {
  let worker: WorkerProcess;
  let control: Control;
  beforeAll(async () => {
    worker = await startSharedWorker();
    control = new Control(worker);
  });
  afterAll(() => worker.stop());

  test.each<[string, string, unknown, string]>([
    ["POST", "/faults", { faults: [{ id: "hang" }, { id: "hagn" }] }, "Expected `faults[1].id` to be one of"],
    ["POST", "/faults", { faults: [{ id: "rst" }] }, "`rst` needs the proxy"],
    ["POST", "/faults", { faults: [{ id: "hang", ta: 1 }] }, "`faults[0].ta` is not a parameter of this fault"],
    ["POST", "/faults", { faults: [{ id: "hang", at: { afterTokens: -1 } }] }, "`faults[0].at.afterTokens`"],
    ["POST", "/faults", { faults: [], more: 1 }, "unknown key `more`"],
    ["POST", "/faults", {}, "Expected `faults` to be an array, got nothing"],
    ["POST", "/faults", [], "the body must be a JSON object"],
    ["POST", "/faults", "{", "the body is not JSON in UTF-8"],
    ["POST", "/faults?now=1", { faults: [] }, "unknown parameter `now`"],
    ["PUT", "/config", { contnet: "counter" }, "`contnet`"],
    ["PUT", "/config", { timing: { itlMs: -1 } }, "`timing.itlMs`"],
    ["PUT", "/config", { startupDelayMs: 1 }, "`startupDelayMs` cannot be changed here: belongs to the start"],
    ["PUT", "/config", { readyAfterMs: 1 }, "`readyAfterMs` cannot be changed here: belongs to the start"],
    ["PUT", "/config", { faults: [] }, "`faults` cannot be changed here: POST /faults"],
    ["GET", "/journal?jobid=x", undefined, "unknown parameter `jobid`"],
    ["DELETE", "/faults/%ff", undefined, "URI malformed"],
  ])("%s %s %j is 400 and changes nothing", async (...[method, path, body, message]) => {
    const before = await readEvents(await execute(worker, { job_id: "j" }));
    const response = await control.send(method, path, body);
    const answer = (await response.json()) as Record<string, unknown>;
    expect([response.status, answer["code"]]).toEqual([400, "INVALID_REQUEST"]);
    expect(answer["message"]).toContain(message);
    expect(await control.accounts()).toEqual([]);
    const tokens = (events: typeof before) => events.filter(({ type }) => type === "token");
    expect(tokens(await readEvents(await execute(worker, { job_id: "j" })))).toEqual(tokens(before));
  });

  test.each([
    ["GET", "/"],
    ["GET", "/health"],
    ["GET", "/constructor"],
    ["DELETE", "/faults/hang%231"],
  ])("%s %s is 404", async (method, path) => {
    const response = await control.send(method, path);
    expect([response.status, await response.json()]).toMatchObject([404, { code: "NOT_FOUND" }]);
  });

  test.each([
    ["PUT", "/faults", "GET, POST, DELETE"],
    ["GET", "/faults/hang%231", "DELETE"],
    ["GET", "/config", "PUT"],
    ["DELETE", "/journal", "GET"],
  ])("%s %s is 405 with Allow", async (method, path, allow) => {
    const response = await control.send(method, path);
    expect([response.status, response.headers.get("allow")]).toEqual([405, allow]);
    await response.text();
  });

  test("another content type is 415, a huge body 413", async () => {
    const text = await fetch(`${control.url}/faults`, { method: "POST", body: "{}" });
    expect([text.status, await text.json()]).toMatchObject([415, { code: "UNSUPPORTED_MEDIA_TYPE" }]);
    const huge = await control.send("PUT", "/config", { content: { script: ["x".repeat(2 ** 20)] } });
    expect([huge.status, await huge.json()]).toMatchObject([413, { code: "PAYLOAD_TOO_LARGE" }]);
  });

  test.each([
    ["no token", () => "/faults"],
    ["a target that is not a URL", () => "//"],
    ["an empty token", () => "//faults"],
    ["the first half of the token", (token: string) => `/${token.slice(0, 21)}/faults`],
    ["a token that is too long", (token: string) => `/${token}a/faults`],
    ["a token in other letters", (token: string) => `/${token.toLowerCase()}/faults`],
    ["a token in the query", (token: string) => `/faults?token=${token}`],
    ["a token in the second part", (token: string) => `/x/${token}/faults`],
  ])("%s is 403, changes nothing, and repeats no part of the path", async (_name, pathWith) => {
    const { port, pathname } = new URL(control.url);
    const token = pathname.slice(1);
    for (const method of ["GET", "POST", "DELETE"]) {
      const connection = await connectRaw(Number(port));
      connection.send(rawRequest(`${method} ${pathWith(token)}`, { body: { faults: [{ id: "hang" }] } }));
      await connection.waitForText(/"code":"FORBIDDEN"/);
      expect(connection.statuses).toEqual([403]);
      expect(connection.text).toContain("token of `control_url`");
      expect(connection.text.toLowerCase()).not.toContain(token.slice(0, 21).toLowerCase());
    }
    expect(await control.accounts()).toEqual([]);
  });

  test("a token never appears in an answer or in the log", async () => {
    const token = new URL(control.url).pathname.slice(1);
    for (const path of ["/nowhere", "/faults/none", "/journal?x=1", "/config"]) {
      const response = await control.send("GET", path);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect((await response.text()) + JSON.stringify([...response.headers])).not.toContain(token);
    }
    const others = worker.lines.filter(({ event }) => event !== "ready");
    expect(JSON.stringify(others) + worker.stderr).not.toContain(token);
  });

  test("an unknown key or value of a million characters is truncated in the answer", async () => {
    const huge = "x".repeat(1_000_000);
    const bodies: [string, string, unknown][] = [
      ["POST", "/faults", { [huge]: 1 }],
      ["POST", "/faults", { faults: [{ id: huge }] }],
      ["POST", "/faults", { faults: [{ id: "hang", [huge]: 1 }] }],
      ["PUT", "/config", { [huge]: 1 }],
      ["PUT", "/config", { content: huge }],
      ["PUT", "/config", { timing: { itlMs: huge } }],
    ];
    for (const [method, path, body] of bodies) {
      const response = await control.send(method, path, body);
      expect([response.status, path]).toEqual([400, path]);
      expect((await response.text()).length).toBeLessThan(2_500);
    }
  });
});

test("two workers have different tokens of 256 bits", async () => {
  const workers = await Promise.all([startWorker(), startWorker()]);
  const tokens = workers.map((worker) => new URL(new Control(worker).url).pathname.slice(1));
  expect(new Set(tokens).size).toBe(2);
  for (const token of tokens) expect(Buffer.from(token, "base64url")).toHaveLength(32);
});

test("arming returns the keys, disarming keeps the records", async () => {
  const control = new Control(await startWorker(stub({ faults: [{ id: "hangs", match: { jobId: "none" } }] })));
  expect(await control.arm({ id: "two-terminals" }, { id: "two-terminals", optional: true })).toEqual([
    "two-terminals#1",
    "two-terminals#2",
  ]);
  expect((await control.send("DELETE", "/faults/two-terminals%231")).status).toBe(200);
  const counts = { matched: 0, fired: 0, bypassed: {}, skipped: 0 };
  expect(await control.accounts()).toEqual([
    { key: "hangs#1", id: "hangs", optional: false, ...counts },
    { key: "two-terminals#1", id: "two-terminals", optional: false, ...counts },
    { key: "two-terminals#2", id: "two-terminals", optional: true, ...counts },
  ]);
});

test("a configuration applies to new jobs and is replaced as a whole", async () => {
  const worker = await startWorker(stub({ content: "counter", deterministic: false }));
  const control = new Control(worker);
  expect((await health(worker))["determinism"]).toEqual([]);
  await control.configure({ content: { script: ["a"] }, memory: { modelBytes: 5 } });
  expect(typesOf(await readEvents(await execute(worker)))).toEqual(["started", "token", "end"]);
  expect(await health(worker)).toMatchObject({ determinism: ["repeat", "restart", "slot", "load"], vram_bytes: 5 });
});

test("it answers even if the worker's own listener does not", async () => {
  const worker = await startWorker(stub({ faults: [{ id: "hangs" }, { id: "hang" }] }));
  const control = new Control(worker);
  const leaving = new AbortController();
  const hanging = fetch(`${worker.url}/health`, { signal: leaving.signal }).catch((error: unknown) => error);
  const job = new StreamReader(await execute(worker, { job_id: "j" }, { signal: leaving.signal }));
  await control.waitForFired("hang#1");
  await control.waitForFired("hangs#1");
  leaving.abort();
  await hanging;
  await job.ended.catch(() => undefined);
});

test("an open connection to it does not delay the stop", async () => {
  const worker = await startWorker();
  const { port, pathname } = new URL(new Control(worker).url);
  const connection = await connectRaw(Number(port));
  connection.send(rawRequest(`GET ${pathname}/faults`));
  await connection.waitForText(/"faults":\[\]/);
  connection.send(`POST ${pathname}/faults HTTP/1.1\r\nHost: localhost\r\ncontent-length: 10\r\n\r\n{`);
  worker.signal("SIGTERM");
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  await connection.closed;
});
