import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Control } from "../support/control.js";
import { ask, readLines, ROUTE_NAMES, ROUTES, type Json, type Route } from "../support/dialects.js";
import { health, post, StreamReader, waitForSlots } from "../support/requests.js";
import { waitFor } from "../support/wait-for.js";
import { startSharedWorker, startWorker, stub, type WorkerProcess } from "../support/worker-process.js";

let worker: WorkerProcess;
let control: Control;

beforeAll(async () => {
  worker = await startSharedWorker(["--parallel", "4"]);
  control = new Control(worker);
});
afterAll(() => worker.stop());
beforeEach(() => control.configure({ content: "counter" }));

const routeOf = (name: string): Route => ROUTES[name] as Route;

describe.each(ROUTE_NAMES)("%s", (name) => {
  const { path, body, streamText, bodyText, isComplete } = routeOf(name);

  test("streams every token at once, and ends with the marker of the dialect", async () => {
    const response = await ask(worker, path, body("Hello", 3, true));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(
      name.startsWith("ollama") ? "application/x-ndjson" : "text/event-stream; charset=utf-8",
    );
    const text = await response.text();
    expect(streamText(text)).toBe("0 1 2 ");
    expect(isComplete(text)).toBe(true);
    const entries = (await control.journal(response.headers.get("x-job-id") ?? "")).jobs[0]?.entries ?? [];
    expect(entries.filter(({ event }) => event === "token").map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  test("answers without a stream with one body of the same text", async () => {
    const response = await ask(worker, path, body("Hello", 3, false));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(bodyText(await response.json())).toBe("0 1 2 ");
  });

  test.each(["a stream", "a body"])(
    "%s is the same for the same request, and another one for another seed",
    async (kind) => {
      await control.configure({});
      const isStream = kind === "a stream";
      const say = async (more: Json) => {
        const response = await ask(worker, path, { ...body("Tell me more", 12, isStream), ...more });
        return isStream ? streamText(await response.text()) : bodyText(await response.json());
      };
      const seeded = (seed: number) => (name.startsWith("ollama") ? { options: { seed, num_predict: 12 } } : { seed });
      const [first, again, other] = [await say(seeded(1)), await say(seeded(1)), await say(seeded(2))];
      expect(again).toBe(first);
      expect(other).not.toBe(first);
      expect(await say({})).toBe(await say({}));
    },
  );

  test("splits no character, whatever the tokens are", async () => {
    await control.configure({ content: "unicode" });
    const text = streamText(await (await ask(worker, path, body("Hello", 150, true))).text());
    expect(text).toContain("👩‍👩‍👧‍👦");
    expect(text.slice(0, -4)).not.toContain("\ufffd");
    expect(bodyText(await (await ask(worker, path, body("Hello", 150, false))).json())).toBe(text);
  });

  test.each([true, false])("a client that leaves frees its slot (stream: %s)", async (stream) => {
    await control.configure({ content: "counter", timing: { itlMs: 20 } });
    const leaving = new AbortController();
    const pending = post(worker.url + path, body("Hello", 2000, stream), { signal: leaving.signal }).catch(
      () => undefined,
    );
    await waitForSlots(worker, 1);
    leaving.abort();
    await pending;
    await waitForSlots(worker, 0);
  });

  test("takes the job's id from x-job-id, and reports it; POST /cancel ends the job", async () => {
    await control.configure({ content: "counter", timing: { itlMs: 10 } });
    const id = `mine-${name}`;
    const response = await post(worker.url + path, body("Hello", 2000, true), { headers: { "x-job-id": id } });
    expect(response.headers.get("x-job-id")).toBe(id);
    const reader = new StreamReader(response);
    await waitFor("some text", () => reader.text.length > 500);
    expect((await post(`${worker.url}/cancel/${id}`, {})).status).toBe(202);
    await reader.ended;
    expect(isComplete(reader.text)).toBe(false);
    expect(reader.text).toMatch(/cancelled/);
  });

  test("an id with any character is percent-encoded in the header, both ways; a wrong one is refused", async () => {
    const id = `job ✓ ${name}`;
    const headers = { "x-job-id": encodeURIComponent(id) };
    const response = await post(worker.url + path, body("Hello", 1, false), { headers });
    await response.arrayBuffer();
    expect(decodeURIComponent(response.headers.get("x-job-id") ?? "")).toBe(id);
    expect((await control.journal(id)).jobs).toHaveLength(1);
    for (const wrong of ["%", "x".repeat(257), ""]) {
      const refused = await post(worker.url + path, body("Hello", 1, false), { headers: { "x-job-id": wrong } });
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("x-job-id")]);
    }
  });

  test("an id that is in use is refused with 409", async () => {
    await control.configure({ content: "counter", timing: { itlMs: 20 } });
    const leaving = new AbortController();
    const headers = { "x-job-id": `twice-${name}` };
    const pending = post(worker.url + path, body("Hello", 2000, true), { headers, signal: leaving.signal });
    const first = await pending;
    const second = await post(worker.url + path, body("Hello", 1, true), { headers });
    expect([second.status, JSON.stringify(await second.json())]).toEqual([
      409,
      expect.stringContaining("queued or running"),
    ]);
    leaving.abort();
    await first.text().catch(() => undefined);
    await waitForSlots(worker, 0);
  });

  test("an engine that fails in mid-stream reports it in the stream; without a stream, by the status", async () => {
    await control.arm({ id: "vram-oom", at: { afterTokens: 2 } });
    const stream = await ask(worker, path, body("Hello", 5, true));
    const text = await stream.text();
    expect(stream.status).toBe(200);
    expect(text).toMatch(/out of device memory after token 2/);
    expect(isComplete(text)).toBe(false);
    const whole = await ask(worker, path, body("Hello", 5, false));
    expect([whole.status, whole.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await whole.text()).toMatch(/out of device memory after token 2/);
    await control.disarm();
  });

  test("a body that is not JSON, too large, or of another type is refused in the form of the dialect", async () => {
    const headers = { "content-type": "text/plain" };
    const answers = await Promise.all([
      post(worker.url + path, "{"),
      post(worker.url + path, `{"model":"${"x".repeat(1024 * 1024)}"}`),
      post(worker.url + path, "{}", { headers }),
      fetch(worker.url + path, { method: "DELETE" }),
      post(worker.url + path, "[]"),
      post(worker.url + path, "{}"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 413, 415, 405, 400, 400]);
    for (const answer of answers) expect(isErrorOf(name, (await answer.json()) as Json)).toBe(true);
  });

  test("an unknown model is 404, and the message lists the models", async () => {
    const answer = await ask(worker, path, { ...body("Hello", 5, true), model: "gpt-4o" });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toMatch(/The model `gpt-4o` does not exist; this worker serves `stub`/);
  });

  test("answers to the names of `models`", async () => {
    await control.configure({ content: "counter", models: ["gpt-4o"] });
    const answer = await ask(worker, path, { ...body("Hello", 1, false), model: "gpt-4o" });
    expect(((await answer.json()) as Json)["model"]).toBe("gpt-4o");
    expect((await ask(worker, path, { ...body("Hello", 1, false), model: "gpt-5" })).status).toBe(404);
    await control.configure({ content: "counter", models: ["*"] });
    expect((await ask(worker, path, { ...body("Hello", 1, false), model: "gpt-5" })).status).toBe(200);
  });

  test("a limit above the worker's own, or above the context, means that one", async () => {
    const answer = await ask(worker, path, body("Hello", 1_000_000, false));
    expect(answer.status).toBe(200);
    expect(bodyText(await answer.json()).split(" ")).toHaveLength(2048 + 1);
  });

  test("a prompt that is too long is refused with 400", async () => {
    const answer = await ask(worker, path, body("x".repeat(32_769), 5, false));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(/must have 1 to 32768 characters/);
  });
});

function isErrorOf(name: string, { type, error }: Json): boolean {
  if (name.startsWith("ollama")) return typeof error === "string";
  const { message, type: kind, code } = error as Json;
  if (name === "anthropic") return type === "error" && typeof message === "string" && typeof kind === "string";
  return typeof message === "string" && typeof kind === "string" && typeof code === "string";
}

test("a full queue is refused before anything is sent: 503, and 529 for Anthropic", async () => {
  const small = await startWorker(["--max-queue", "0", ...stub({ content: "counter", timing: { itlMs: 20 } })]);
  const busy = new AbortController();
  const { path: chat, body: chatBody } = routeOf("openai-chat");
  const first = await post(small.url + chat, chatBody("Hello", 2000, true), { signal: busy.signal });
  const statuses: unknown[] = [];
  for (const name of ROUTE_NAMES) {
    const { path, body } = routeOf(name);
    const answer = await ask(small, path, body("Hello", 1, true));
    statuses.push([name, answer.status, answer.headers.get("retry-after")]);
    await answer.arrayBuffer();
  }
  const expected = ROUTE_NAMES.map((name) => [name, name === "anthropic" ? 529 : 503, "1"]);
  expect(statuses).toEqual(expected);
  busy.abort();
  await first.text().catch(() => undefined);
});

test("a prompt that fills the context is CONTEXT_OVERFLOW; one that nearly does gets what is left", async () => {
  const small = await startWorker(["--context-size", "20", ...stub({ content: "counter" })]);
  const { path, body } = routeOf("ollama-generate");
  const raw = (text: string) => ({ ...body(text, 50, true), raw: true });
  const lines = readLines(await (await ask(small, path, raw("x".repeat(4 * 15)))).text());
  expect(lines.at(-1)).toMatchObject({ done_reason: "length", eval_count: 5, prompt_eval_count: 15 });
  const full = await ask(small, path, raw("x".repeat(4 * 20)));
  expect([full.status, await full.text()]).toEqual([
    400,
    expect.stringContaining("the prompt has 20 tokens; the context holds 20"),
  ]);
});

test("jobs of all dialects are counted like those of /execute", async () => {
  const before = await health(worker);
  expect(before.slots).toEqual({ total: 4, busy: 0, queued: 0 });
  const counted = async () =>
    Number(/outcome="completed"} (\d+)/.exec(await (await fetch(`${worker.url}/metrics`)).text())?.[1]);
  const start = await counted();
  for (const name of ROUTE_NAMES) {
    const { path, body } = routeOf(name);
    await (await ask(worker, path, body("Hello", 1, true))).text();
  }
  expect(await counted()).toBe(start + ROUTE_NAMES.length);
});
