import { execFileSync } from "node:child_process";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { readEvidence } from "../../src/evidence/index.js";
import { toPageBundle } from "../../src/viewer/page-bundle.js";
import { toCurl, toStartCommand, toTest } from "../../src/viewer/reproduce.js";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { HOSTILE_TEXTS } from "../report/hostile.js";
import { writeSampleBundle, type SampleJob, type SampleParts } from "./sample-bundle.js";

async function bundleOf(job: SampleJob, parts?: SampleParts) {
  await using folder = await createTemporaryFolder();
  await writeSampleBundle(folder.path, [job], parts);
  return toPageBundle(await readEvidence(folder.path), folder.path);
}

/** The arguments that a shell passes to the command. */
function argumentsOf(command: string): string[] {
  const script = `node() { "${process.execPath}" -e 'console.log(JSON.stringify(process.argv.slice(1)))' -- "$@"; }\n${command.replace(/^\S+/, "node")}`;
  return JSON.parse(execFileSync("sh", ["-c", script], { encoding: "utf8" })) as string[];
}

const SHELL_TEXTS = HOSTILE_TEXTS.filter((text) => !text.includes("\0") && text.isWellFormed());

test.for(SHELL_TEXTS)("curl sends the body as it was sent: %j", async (text) => {
  const body = { prompt: text, seed: 18446744073709551615n };
  const bundle = await bundleOf({ body });
  const words = argumentsOf(toCurl(bundle.exchanges[0]!, "http://127.0.0.1:1")!);

  expect(words.slice(0, 3)).toEqual(["-iN", "-X", "POST"]);
  expect(words.at(-1)).toBe("http://127.0.0.1:1/execute");
  const sent = words[words.indexOf("--data-raw") + 1]!;
  expect((JSON.parse(sent) as { prompt: string }).prompt).toBe(text);
  expect(sent).toContain("18446744073709551615");
});

test("curl leaves out the headers that it sets itself", async () => {
  const headers = { "Content-Length": "5", Host: "x", Connection: "close", "x-own": "it's" };
  const bundle = await bundleOf({ headers });

  const words = argumentsOf(toCurl(bundle.exchanges[0]!, "http://127.0.0.1:1")!);
  expect(words.filter((word) => word.includes(": "))).toEqual(["content-type: application/json", "x-own: it's"]);
});

test("the command of the worker is quoted for a shell", async () => {
  expect(toStartCommand(await bundleOf({}))).toBe("/bin/worker --port 0 'a b'");
});

test("a test sends the same body, with integers beyond 2^53 as bigint", async () => {
  const body = {
    job_id: 'a "12345678901234567890"',
    prompt: "5 12345678901234567890",
    seed: 12345678901234567890n,
    n: -1.5e3,
  };
  const source = toTest((await bundleOf({ body })).exchanges[0]!, await bundleOf({ body }))!;
  const literal = /worker\.execute\((.*)\)\);$/m.exec(source)![1]!;

  expect({ ...(runInNewContext(`(${literal})`) as object) }).toEqual(body);
});

test("the test of another dialect sends the bytes of the body, to its path", async () => {
  const job = { body: { messages: [] }, path: "/v1/chat/completions" };
  const bundle = await bundleOf(job, { metadata: { dialect: "openai-chat" } });
  const source = toTest(bundle.exchanges[0]!, bundle)!;

  expect(source).toContain('attach(process.env["WORKER_URL"] ?? "http://127.0.0.1:8080", { dialect: "openai-chat" })');
  expect(source).toContain('worker.request("/v1/chat/completions", { method: "POST"');
  expect(source).toContain(JSON.stringify(JSON.stringify({ messages: [] })));
});
