import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { WORKER_COMMAND_VARIABLE } from "../../src/harness/index.js";
import { exists, runCli, startCli, waitUntil } from "./run-cli.js";

interface Report {
  readonly ok: boolean;
  readonly engines: readonly EngineReport[];
}

interface EngineReport {
  readonly engine: string;
  readonly ok: boolean;
  readonly pid?: number;
  readonly job?: { readonly tokensOut: number; readonly tokensPerSecond: number; readonly text: string };
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly detail: string }[];
}

const ALL_CHECKS = [
  ...["start", "completion", "token-count", "repeat"],
  ...["stop", "process-gone", "group-empty", "port-closed"],
];

/** No Qwen there, so the llama engine shows the synthetic model. */
const WITHOUT_MODELS = { INFERENCE_TESTKIT_MODELS: fileURLToPath(new URL("workers", import.meta.url)) };

/** The stub engine's part of the demo, played by a program of `workers`. */
function withWorker(name: string): { readonly env: Readonly<Record<string, string>> } {
  const path = fileURLToPath(new URL(`workers/${name}.mjs`, import.meta.url));
  return { env: { [WORKER_COMMAND_VARIABLE]: JSON.stringify([process.execPath, path]) } };
}

function normalise(text: string): string {
  return text
    .replaceAll(/\b\d+(\.\d+)? m?s\b/g, "<time>")
    .replaceAll(/process \d+/g, "process <pid>")
    .replaceAll(/port \d+/g, "port <port>")
    .replaceAll(/[\d,]+(\.\d+)? tokens\/s/g, "<rate> tokens/s");
}

async function runJson(name: string): Promise<{ exitCode: number | null; engine: EngineReport }> {
  const { exitCode, stdout } = await runCli(["demo", "--engine", "stub", "--json"], withWorker(name));
  return { exitCode, engine: (JSON.parse(stdout) as Report).engines[0]! };
}

function failedChecks({ checks }: EngineReport): Record<string, string> {
  return Object.fromEntries(checks.filter(({ passed }) => !passed).map(({ name, detail }) => [name, detail]));
}

test("the stub engine is shown from start to end, with self-explanatory text", async () => {
  const { exitCode, stdout, stderr } = await runCli(["demo", "--engine", "stub"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(normalise(stdout)).toMatchInlineSnapshot(`
    "For each engine: start a real worker process, send a prompt over HTTP, show the tokens as they arrive,
    check them, stop the worker, and verify that nothing is left behind.

    Stub engine: no model and no GPU needed
        The words are made up from prompt and seed, one every <time> on purpose.
      ✓ start   ready to serve after <time> (process <pid>, port <port>)
        model   stub, device stub
        prompt  "Write a haiku", at most 24 tokens, temperature 0.7, seed 42
        tokens  island harbor dune spruce fern canyon garden saffron oasis cedar garden orchid, oasis
                copper pebble candle dune delta ivory ivory jasper reef onyx
      ✓ end     stop reason max_tokens; the events are complete and in order
      ✓ count   24 tokens in 24 events
        speed   <rate> tokens/s between the first and the last token; first token after <time>
      ✓ repeat  the same prompt and seed again gave the same tokens
      ✓ stop    ended after <time>: SIGTERM, then exit code 0
      ✓ clean   process <pid> is gone, its process group is empty, port <port> refuses connections

    All 8 checks on 1 engine passed in <time>; nothing was left behind.
    "
  `);
});

test("the stub and real llama.cpp both pass every check, with figures of the workers", async () => {
  const { exitCode, stdout } = await runCli(["demo", "--json"], { env: WITHOUT_MODELS });
  const { ok, engines } = JSON.parse(stdout) as Report;
  expect({ exitCode, ok }).toEqual({ exitCode: 0, ok: true });
  expect(engines.map(({ engine, checks }) => [engine, checks.map(({ name }) => name)])).toEqual([
    ["stub", ALL_CHECKS],
    ["llama", ALL_CHECKS],
  ]);
  for (const { job, pid } of engines) {
    expect(job?.tokensOut).toBe(24);
    expect(job?.tokensPerSecond).toBeGreaterThan(0);
    expect(job?.text).not.toBe("");
    expect(exists(pid!)).toBe(false);
  }
});

test("the llama engine explains that the synthetic model writes gibberish by design", async () => {
  const { exitCode, stdout } = await runCli(["demo", "--engine", "llama"], { env: WITHOUT_MODELS });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("its text is gibberish by design");
});

describe("a failed check exits with 1 and is named", () => {
  test("a worker that answers the same request differently", async () => {
    const { exitCode, engine } = await runJson("never-repeats");
    expect(exitCode).toBe(1);
    expect(failedChecks(engine)).toEqual({ repeat: 'token 1 was "1", and "2" the second time' });
  });

  test("a worker whose stop reason contradicts its token count", async () => {
    const { exitCode, engine } = await runJson("claims-max-tokens");
    expect(exitCode).toBe(1);
    expect(failedChecks(engine)).toEqual({
      "token-count": "1 tokens in 1 events, but the stop reason claims all 24",
      stop: expect.stringContaining("STOP_REASON_WRONG (job") as string,
    });
  });

  test("a worker that sends events in the wrong order", async () => {
    const { exitCode, engine } = await runJson("breaks-order");
    expect(exitCode).toBe(1);
    expect(failedChecks(engine)["completion"]).toContain("[ORDER_VIOLATED]");
  });

  test("a worker that leaves a child behind", async () => {
    const { exitCode, engine } = await runJson("leaves-child");
    expect(exitCode).toBe(1);
    const failed = failedChecks(engine);
    expect(Object.keys(failed)).toEqual(["group-empty"]);
    expect(failed["group-empty"]).toContain("left behind by the worker, and killed: ");
  });

  test("a worker that does not exit with 0", async () => {
    const { exitCode, engine } = await runJson("exits-with-code");
    expect(exitCode).toBe(1);
    expect(failedChecks(engine)["stop"]).toContain("exit code 3");
  });

  test("a worker that does not start: the other engine is still shown", async () => {
    const { exitCode, stdout } = await runCli(["demo"], withWorker("dies-at-start"));
    expect(exitCode).toBe(1);
    expect(stdout.match(/✗ start {3}\[PROCESS_DIED\]/g)).toHaveLength(2);
    expect(stdout).toContain("there is no model");
    expect(stdout).toContain("2 of 2 checks on 2 engines failed.");
  });
});

test("terminal control characters are shown as escape sequences", async () => {
  const { exitCode, stdout } = await runCli(["demo", "--engine", "stub"], withWorker("sends-escapes"));
  expect(exitCode).toBe(0);
  expect(stdout).toContain("tokens  \\x1b[2Jcleared\\n\\u202eturned\n");
});

describe("colors", () => {
  const colour = "\u001b[";

  test("a pipe gets none", async () => {
    const { stdout } = await runCli(["demo", "--engine", "stub"], withWorker("sends-escapes"));
    expect(stdout).not.toContain(colour);
  });

  test("FORCE_COLOR enables them, and the text stays the same", async () => {
    const worker = withWorker("sends-escapes");
    const { stdout } = await runCli(["demo", "--engine", "stub"], { env: { ...worker.env, FORCE_COLOR: "1" } });
    expect(stdout).toContain(`${colour}1mStub engine`);
  });
});

test("the demo stops its worker even if its reader goes away in the middle", async () => {
  const run = startCli(["demo", "--engine", "stub"]);
  await waitUntil(() => /process \d+/.test(run.stdout()));
  const pid = Number(/process (\d+)/.exec(run.stdout())![1]);
  run.closeStdout();
  const { exitCode, stderr } = await run.finished;
  expect({ exitCode, stderr, left: exists(pid) }).toEqual({ exitCode: 0, stderr: "", left: false });
});
