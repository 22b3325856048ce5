import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PAYLOAD_FAULTS, type PayloadFaultId } from "../../src/faults/payload-edits.js";
import { Control } from "../support/control.js";
import { ask, readLines, ROUTE_NAMES, ROUTES, type Json, type Route } from "../support/dialects.js";
import { post } from "../support/requests.js";
import { startSharedWorker, stub, type WorkerProcess } from "../support/worker-process.js";

let worker: WorkerProcess;
let control: Control;

beforeAll(async () => {
  worker = await startSharedWorker(["--parallel", "4", ...stub({ content: "counter" })]);
  control = new Control(worker);
});
afterAll(() => worker.stop());
beforeEach(() => control.disarm());

/** What a fault needs that this answer lacks. */
const NO_INDEX = "has no token index";
const NO_JOB = "does not name its job in a frame of its own";
const NO_START = "has no frame before the first token";
const NO_USAGE = "has no usage";
const NO_STREAM = "is one JSON body, not a stream";
const ALONE = "no other job was running";

type Obstacles = Partial<Record<PayloadFaultId, string>>;

const IN_STREAM: Obstacles = {
  "index-gap": NO_INDEX,
  "index-repeat": NO_INDEX,
  "wrong-job-id": NO_JOB,
  "cross-talk": ALONE,
};
const IN_BODY: Obstacles = {
  ...IN_STREAM,
  "unknown-type": NO_STREAM,
  "two-terminals": NO_STREAM,
  "data-after-end": NO_STREAM,
  "late-started": NO_START,
  "fake-streaming": NO_STREAM,
};
const IN_STREAM_OF: Readonly<Record<string, Obstacles>> = {
  "openai-chat": { "wrong-tokens-out": NO_USAGE },
  "openai-completions": { "late-started": NO_START, "wrong-tokens-out": NO_USAGE },
  "ollama-chat": { "late-started": NO_START },
  "ollama-generate": { "late-started": NO_START },
};

const routeOf = (name: string): Route => ROUTES[name] as Route;

async function send(name: string, stream: boolean, id?: string): Promise<string> {
  const { path, body } = routeOf(name);
  const headers: Record<string, string> = id === undefined ? {} : { "x-job-id": id };
  return (await post(worker.url + path, body("Hello", 3, stream), { headers })).text();
}

/** Times and ids differ from answer to answer. */
function normalize(text: string): string {
  return text
    .replace(/"(id|item_id|created_at|created|\w+_duration)":("[^"]*"|\d+)/g, '"$1":0')
    .replace(/"decode_time_ms":[\d.]+/g, "");
}

describe.each(ROUTE_NAMES)("%s", (name) => {
  describe.each([true, false])("stream: %s", (stream) => {
    const obstacles = stream ? { ...IN_STREAM, ...IN_STREAM_OF[name] } : IN_BODY;

    test.each(PAYLOAD_FAULTS)("%s changes what is sent, or says why it cannot", async (id) => {
      const good = normalize(await send(name, stream));
      const [key = ""] = await control.arm({ id, times: 1 });
      const broken = normalize(await send(name, stream));
      const { fired, bypassed } = await control.account(key);
      const obstacle = obstacles[id];
      if (obstacle !== undefined) {
        expect(Object.keys(bypassed).join()).toContain(obstacle);
        expect([fired, broken]).toEqual([0, good]);
        return;
      }
      expect([fired, bypassed]).toEqual([1, {}]);
      if (id === "fake-streaming")
        expect(broken).toBe(good); // only the times differ: see below
      else expect(broken).not.toBe(good);
    });
  });
});

const CHAT = "openai-chat";
const contentOf = (text: string) => routeOf(CHAT).streamText(text);

/** The frames of a stream that are as they should be. */
const JSON_FRAME = /^data: (\{.*\}|\[DONE\])$/;

test("invalid-json breaks the one frame with the token, and the stream goes on", async () => {
  await control.arm({ id: "invalid-json", at: { afterTokens: 1 } });
  const frames = (await send(CHAT, true)).split("\n\n").filter(Boolean);
  expect(frames.map((frame) => JSON_FRAME.test(frame))).toEqual([true, true, false, true, true, true]);
  expect(frames[2]).toBe("data: this is not JSON");
});

test("truncated-json of a named event keeps its name", async () => {
  await control.arm({ id: "truncated-json", at: { afterTokens: 0 } });
  const frames = (await send("anthropic", true)).split("\n\n");
  const broken = frames.filter((frame) => frame.startsWith("event: content_block_delta") && !frame.endsWith("}"));
  expect(broken).toHaveLength(1);
  expect(frames[1]).toContain("content_block_start"); // the frame before it, which belongs to the same token, is whole
  expect(() => JSON.parse(frames[1]?.replace(/^.*\ndata: /, "") ?? "") as unknown).not.toThrow();
});

test.each([
  ["openai-chat", "choices"],
  ["openai-completions", "choices"],
  ["openai-responses", "delta"],
  ["anthropic", "delta"],
])("missing-field leaves out what a frame of %s has its text in", async (name, key) => {
  const countWithKey = async () =>
    (await send(name, true)).split("\n\n").filter((frame) => frame.includes(`"${key}"`)).length;
  const good = await countWithKey();
  await control.arm({ id: "missing-field" });
  expect(await countWithKey()).toBe(good - 1);
});

test("missing-field in lines of JSON, and in one body", async () => {
  await control.arm({ id: "missing-field", at: { afterTokens: 1 } });
  expect(readLines(await send("ollama-generate", true)).map((line) => line["response"])).toEqual([
    "0 ",
    undefined,
    "2 ",
    "",
  ]);
  const body = JSON.parse(await send("ollama-chat", false)) as Json;
  expect(Object.keys(body)).not.toContain("message");
  expect(body).toMatchObject({ done: true });
});

test("drop-token, duplicate-token and swap-tokens change the text of streams and bodies", async () => {
  const bodyText = async () => routeOf(CHAT).bodyText(JSON.parse(await send(CHAT, false)));
  for (const [id, text] of [
    ["drop-token", "0 2 "],
    ["duplicate-token", "0 1 1 2 "],
    ["swap-tokens", "0 2 1 "],
  ] as const) {
    await control.disarm();
    await control.arm({ id });
    expect([id, contentOf(await send(CHAT, true)), await bodyText()]).toEqual([id, text, text]);
  }
});

test("two-terminals and data-after-end follow the marker of the end", async () => {
  await control.arm({ id: "two-terminals", times: 1 });
  expect((await send(CHAT, true)).match(/\[DONE\]/g)).toHaveLength(2);
  await control.arm({ id: "data-after-end", times: 1 });
  expect(await send(CHAT, true)).toMatch(/\[DONE\]\n\ndata: .*"content":"late"/);
  await control.arm({ id: "data-after-end", times: 1 });
  expect(await send("anthropic", true)).toMatch(/message_stop.*\n\nevent: content_block_start(.|\n)*"text":"late"/);
});

test("wrong-tokens-out lowers the usage where it is reported", async () => {
  await control.arm({ id: "wrong-tokens-out" });
  const body = JSON.parse(await send(CHAT, false)) as { usage: Json };
  expect(body.usage["completion_tokens"]).toBe(2);
  const { path, body: bodyOf } = routeOf(CHAT);
  const streamed = await ask(worker, path, { ...bodyOf("Hello", 3, true), stream_options: { include_usage: true } });
  expect(await streamed.text()).toContain('"completion_tokens":2');
  expect(readLines(await send("ollama-chat", true)).at(-1)).toMatchObject({ eval_count: 2 });
});

test("late-started sends the role after the first token", async () => {
  await control.arm({ id: "late-started" });
  expect(await send(CHAT, true)).toMatch(/"content":"0 "(.|\n)*"role":"assistant"(.|\n)*"content":"1 "/);
  expect(await send("anthropic", true)).toMatch(/"text":"0 "(.|\n)*message_start(.|\n)*"text":"1 "/);
});

test("fake-streaming sends all tokens together, when the last one is due", async () => {
  await control.configure({ content: "counter", timing: { itlMs: 100 } });
  await control.arm({ id: "fake-streaming" });
  await send(CHAT, true, "fake");
  await control.configure({ content: "counter" });
  const entries = (await control.journal("fake")).jobs[0]?.entries ?? [];
  const times = entries.filter(({ event }) => event === "token").map(({ at_ms }) => at_ms);
  expect(times).toHaveLength(3);
  expect((times[2] ?? 0) - (times[0] ?? 0)).toBeLessThan(150);
});

test("several faults of one answer do not trip over each other", async () => {
  await control.arm({ id: "invalid-json" }, { id: "missing-field" }, { id: "truncated-json" }, { id: "drop-token" });
  for (const name of ROUTE_NAMES) for (const stream of [true, false]) expect(await send(name, stream)).not.toBe("");
  await control.disarm();
  expect(contentOf(await send(CHAT, true))).toBe("0 1 2 ");
});
