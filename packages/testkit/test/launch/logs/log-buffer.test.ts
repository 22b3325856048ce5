import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { LogBuffer } from "../../../src/launch/logs/log-buffer.js";
import { errorOf } from "../helpers.js";

const bufferWith = (text: string, capacity = 100): LogBuffer => {
  const logs = new LogBuffer(capacity);
  logs.write("stdout", Buffer.from(text));
  return logs;
};

test("lines have their stream and arrival time", () => {
  const before = Date.now();
  const logs = bufferWith("out\n");
  logs.write("stderr", Buffer.from("err\n"));
  expect(logs.lines.map(({ stream, text }) => `${stream}: ${text}`)).toEqual(["stdout: out", "stderr: err"]);
  expect(logs.lines[0]!.atMs).toBeGreaterThanOrEqual(before);
  expect(logs.text()).toBe("out\nerr\n");
});

test("half a line on one stream is not mixed with the other stream", () => {
  const logs = bufferWith("half ");
  logs.write("stderr", Buffer.from("err\n"));
  logs.write("stdout", Buffer.from("line\n"));
  expect(logs.tail()).toEqual(["err", "half line"]);
});

test("the newest lines are kept, older ones are counted", () => {
  const logs = bufferWith("1\n2\n3\n4\n5\n6\n7\n", 3);
  expect(logs.tail()).toEqual(["5", "6", "7"]);
  expect(logs.droppedCount).toBe(4);
});

test("tail() returns the last lines, none for zero, 20 by default", () => {
  const logs = bufferWith(Array.from({ length: 30 }, (_, index) => `${index}\n`).join(""));
  expect(logs.tail(2)).toEqual(["28", "29"]);
  expect(logs.tail(0)).toEqual([]);
  expect(logs.tail()).toHaveLength(20);
});

test("onLine() reports every line from then on until it is ended", () => {
  const logs = bufferWith("before\n");
  const heard: string[] = [];
  const off = logs.onLine((line) => heard.push(line.text));
  logs.write("stdout", Buffer.from("one\ntwo\n"));
  off();
  logs.write("stdout", Buffer.from("three\n"));
  expect(heard).toEqual(["one", "two"]);
});

describe("waitFor()", () => {
  test("returns the oldest matching line already in the buffer", async () => {
    const logs = bufferWith("job 1\njob 2\n");
    expect((await logs.waitFor(/job \d/)).text).toBe("job 1");
  });

  test("waits for a later line, including one completed only by the end of the output", async () => {
    const logs = bufferWith("a\n");
    const waiting = logs.waitFor("needle.");
    logs.write("stderr", Buffer.from("needles\nneedle."));
    logs.end();
    expect(await waiting).toMatchObject({ stream: "stderr", text: "needle." });
  });

  test("a pattern with the flags g or y is matched from the start every time", async () => {
    const logs = bufferWith("no\n");
    const pattern = /yes/gy;
    pattern.lastIndex = 3;
    const waiting = logs.waitFor(pattern);
    logs.write("stdout", Buffer.from("yes\n"));
    expect((await waiting).text).toBe("yes");
    expect((await logs.waitFor(pattern)).text).toBe("yes");
  });

  test("on time-out, the error shows the last lines", async () => {
    const logs = bufferWith("1\n2\nlast words\n", 2);
    expect((await errorOf(logs.waitFor(/never/i, { timeoutMs: 5 }))).message).toMatchInlineSnapshot(`
      "[LOG_TIMEOUT] No log line matches /never/i: 5 ms have passed
      hint: Compare the pattern with the last log lines.
        waitedMs: 5
        droppedLines: 1
      last 2 log lines of the worker:
        | 2
        | last words"
    `);
  });

  test("stops waiting when the output ends first", async () => {
    const logs = bufferWith("last words\n");
    const waiting = errorOf(logs.waitFor("never", { timeoutMs: 60_000 }));
    logs.end();
    expect((await waiting).message).toMatchInlineSnapshot(`
      "[LOG_TIMEOUT] No log line matches "never": the worker's output ended
      hint: Compare the pattern with the last log lines.
      last 1 log line of the worker:
        | last words"
    `);
    expect(await errorOf(logs.waitFor("never"))).toMatchObject({ code: "LOG_TIMEOUT" });
  });

  test("the caller's signal ends the wait with its reason", async () => {
    const logs = bufferWith("");
    const controller = new AbortController();
    const waiting = errorOf(logs.waitFor("x", { signal: controller.signal }));
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(await errorOf(logs.waitFor("x", { signal: controller.signal }))).toBe(reason);
  });

  test("an invalid time-out is rejected", async () => {
    const error = await errorOf(bufferWith("").waitFor("x", { timeoutMs: 0 }));
    expect(error.message).toContain("Expected `timeoutMs` to be a positive number, got `0`");
  });
});

describe("the token in control_url", () => {
  const TOKEN = "s3cret-token_of-the-listener";
  const ready = (url: string) => `{"event":"ready","control_url":${JSON.stringify(url)},"pid":1}`;

  test("is hidden in every line and from every listener, whole or byte by byte, and can be requested", () => {
    const url = `http://127.0.0.1:4000/${TOKEN}`;
    const logs = new LogBuffer(100);
    const heard: string[] = [];
    logs.onLine(({ text }) => heard.push(text));
    logs.write("stdout", Buffer.from("first\n"));
    for (const byte of Buffer.from(`${ready(url)}\n`)) logs.write("stdout", Buffer.from([byte]));
    logs.write("stderr", Buffer.from(ready(url)));
    logs.end();
    const hidden = '{"event":"ready","control_url":"http://127.0.0.1:4000/[hidden]","pid":1}';
    expect(logs.tail()).toEqual(["first", hidden, hidden]);
    expect(heard).toEqual(["first", hidden, hidden]);
    expect(logs.revealControlUrl()).toBe(url);
    expect(inspect(logs, { depth: Infinity, showHidden: true, getters: true })).not.toContain(TOKEN);
  });

  test.each([
    ["in the query", `http://127.0.0.1:4000/?t=${TOKEN}`, "http://127.0.0.1:4000/[hidden]"],
    ["in a user name", `http://${TOKEN}@127.0.0.1:4000/x`, "http://127.0.0.1:4000/[hidden]"],
    ["in what is not a URL", TOKEN, "[hidden]"],
    ["nowhere", "http://127.0.0.1:4000", "http://127.0.0.1:4000"],
  ])("%s", (_name, url, shown) => {
    const logs = bufferWith(`${ready(url)}\n`);
    expect(logs.tail()).toEqual([ready(shown)]);
    expect(logs.revealControlUrl()).toBe(url);
  });

  test.each([
    ["escaped slashes", `{"control_url":"http:\\/\\/127.0.0.1:4000\\/${TOKEN}"}`],
    ["spaces", `{"control_url" : "http://127.0.0.1:4000/${TOKEN}"}`],
    ["an escape that JSON does not have", `{"control_url":"http://127.0.0.1:4000/\\x${TOKEN}"}`],
  ])("with %s", (_name, line) => expect(bufferWith(`${line}\n`).text()).not.toContain(TOKEN));
});
