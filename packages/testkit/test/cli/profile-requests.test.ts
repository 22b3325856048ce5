import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { runCli } from "./run-cli.js";

interface Asked {
  readonly messages: readonly [{ readonly content: string }];
  readonly seed: number;
}

/** A server of OpenAI's kind that has a model, and refuses every job. */
const asked: Asked[] = [];
const server = createServer((request, response) => {
  const answer = (status: number, body: object) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.method !== "POST") return answer(200, { object: "list", data: [{ id: "m" }] });
  void text(request).then((body) => {
    asked.push(JSON.parse(body) as Asked);
    answer(404, { error: { message: "no such route here" } });
  });
  return undefined;
});

beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => void server.close(resolve)));
beforeEach(() => void asked.splice(0));

const profile = (...flags: string[]) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return runCli(["profile", "--url", url, "--dialect", "openai-chat", "--no-memory", ...flags]);
};

test("a run in which every request fails ends early, fails, and prints the first error", async () => {
  const { exitCode, stdout } = await profile("--requests", "5000");

  expect(stdout).toMatch(
    /^fail {2}requests succeed: 0 of \d+ requests succeeded; the first: .*404.*no such route here/m,
  );
  expect(stdout).toMatch(/^invalid {2}the run measures the worker: no request succeeded/m);
  expect(exitCode).toBe(1);
  expect(asked.length).toBeLessThan(100);
});

test("no two requests have the same prompt or seed, not even one of the warm-up", async () => {
  await profile("--requests", "5", "--warmup", "3");

  expect(asked).toHaveLength(8);
  expect(new Set(asked.map(({ messages }) => messages[0].content)).size).toBe(8);
  expect(new Set(asked.map(({ seed }) => seed)).size).toBe(8);
});

test("a prompt that was given is sent unchanged", async () => {
  await profile("--requests", "3", "--prompt", "Say yes");

  expect(asked.map(({ messages }) => messages[0].content)).toEqual(["Say yes", "Say yes", "Say yes"]);
});
