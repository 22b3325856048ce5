import type { RequestListener, Server } from "node:http";
import { describe, expect, test } from "vitest";
import { defineCheck, type Check, type CheckDefinition } from "../../../src/conformance/check.js";
import type { ConformanceOptions } from "../../../src/conformance/run/options.js";
import { runSuite } from "../../../src/conformance/run/run-conformance.js";
import type { ServerSource } from "../../../src/conformance/server/server-source.js";
import { expect as expectValue, inconclusive } from "../../../src/conformance/verdict.js";
import { WorkerTestHarness, type MockWorkerOptions } from "../../../src/harness/index.js";
import { serve } from "./serve.js";

const stub = (options: MockWorkerOptions = {}): ServerSource => ({
  kind: "started",
  command: "stub",
  start: (signal) => WorkerTestHarness.startMock({ parallel: 4, ...options, signal }),
});

function check(id: CheckDefinition["id"], run: Check["run"], more: Partial<CheckDefinition> = {}): Check {
  return defineCheck({ id, title: id, level: "smoke", why: "test", source: "test", budgetMs: 20_000, ...more, run });
}

const answers = check("ready.answers", async ({ target, prompts }) => {
  expectValue("tokens", (await target.generate(prompts.endless(), { max_tokens: 3 })).tokenCount).toBe(3);
});

const asks: Check["run"] = async ({ target }) => {
  await target.ask("Hello");
};

/** Runs checks of a test on a server. */
function run(source: ServerSource, checks: readonly Check[], options: ConformanceOptions = {}) {
  return runSuite(source, options, checks);
}

/** Begins every job and calls `go`; everything else is 404. */
const jobs =
  (go: (response: Parameters<RequestListener>[1]) => void): RequestListener =>
  (request, response) => {
    if (request.method !== "POST") return void response.writeHead(404).end();
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    go(response);
  };

describe("the verdict", () => {
  test("is a pass if the check returns, with everything that was sent and received", async () => {
    const { checks, status, coverage } = await run(stub(), [answers]);
    expect(status).toBe("pass");
    expect(coverage).toMatchObject({ selected: 1, ran: 1 });
    const [exchange] = checks[0]!.exchanges;
    expect(checks[0]).toMatchObject({ status: "pass", attempts: 1, message: "", curl: null });
    expect(exchange).toMatchObject({ method: "POST", path: "/execute", status: 200, ended: "ended", omittedBytes: 0 });
    expect(exchange!.requestBody).toContain('"max_tokens":3');
    expect(exchange!.pieces.map(({ text }) => text).join("")).toContain('"type":"end"');
    expect(exchange!.pieces.map(({ atMs }) => atMs)).toEqual(
      exchange!.pieces.map(({ atMs }) => atMs).sort((a, b) => a - b),
    );
  });

  test("is a failure with expected, got and a curl line that repeats the request", async () => {
    const fails = check("length.fails", async ({ target }) => {
      expectValue("tokens", (await target.generate("It's", { max_tokens: 2 })).tokenCount).toBe(5);
    });
    const report = await run(stub(), [fails, answers]);
    expect(report).toMatchObject({ status: "fail", message: "1 check failed" });
    const [failed, passed] = report.checks;
    expect(failed).toMatchObject({ status: "fail", expected: "tokens to be 5", got: "2", attempts: 1 });
    expect(failed!.curl).toMatch(
      /^curl -iN -X POST .* --data-raw '.*"It'\\''s".*' 'http:\/\/127\.0\.0\.1:\d+\/execute'$/,
    );
    expect(passed!.status).toBe("pass");
  });

  test("is inconclusive after three attempts with prompts of their own, and never a pass", async () => {
    const seen: string[] = [];
    const open = check("text.open", ({ prompts, attempt }) => {
      seen.push(`${attempt} ${prompts.endless()}`);
      return inconclusive("8 tokens: the model ended after 2");
    });
    const report = await run(stub(), [open]);
    expect(report.checks[0]).toMatchObject({
      status: "inconclusive",
      attempts: 3,
      message: "8 tokens: the model ended after 2",
    });
    expect(new Set(seen.map((each) => each.slice(2))).size).toBe(3);
    expect(report).toMatchObject({ status: "inconclusive", message: "no check has a verdict" });
  });

  test("is a pass if a later attempt decides", async () => {
    const second = check("text.second", ({ attempt }) => (attempt === 1 ? inconclusive("luck") : Promise.resolve()));
    expect((await run(stub(), [second])).checks[0]).toMatchObject({ status: "pass", attempts: 2 });
  });

  test("is an error of the suite if the check throws anything else, and that proves nothing", async () => {
    const broken = check("text.broken", () => Promise.reject(new TypeError("x is not a function")));
    const report = await run(stub(), [broken, answers]);
    expect(report.checks[0]).toMatchObject({ status: "error", expected: null });
    expect(report.checks[0]!.message).toContain("x is not a function");
    expect(report).toMatchObject({ status: "inconclusive", message: "1 check ended with an error of the suite" });
  });

  test("is not applicable with the reason, for a need that is not met and for a check that is skipped", async () => {
    const whole = check("stream.whole", () => Promise.resolve(), { needs: ["whole-answer"] });
    const { checks, coverage } = await run(stub(), [whole, answers], { skip: { "ready.answers": "slow today" } });
    expect(checks.map(({ status, message }) => [status, message])).toEqual([
      ["not-applicable", "needs `whole-answer`: the dialect orcd has no answer without streaming"],
      ["not-applicable", "skipped: slow today"],
    ]);
    expect(coverage).toMatchObject({ selected: 2, ran: 0 });
  });

  test("that is declared does not fail the run, and one that is declared and not seen is named", async () => {
    const fails = check("length.fails", async ({ target }) => {
      expectValue("tokens", (await target.generate("Hello", { max_tokens: 2 })).tokenCount).toBe(5);
    });
    const deviations = { "length.fails": { reason: "known" }, "ready.answers": { reason: "not any more" } };
    const report = await run(stub(), [fails, answers], { profile: { deviations } });
    expect(report).toMatchObject({ status: "pass", notSeen: ["ready.answers"] });
    expect(report.checks[0]).toMatchObject({ status: "fail", deviation: { reason: "known" } });
  });
});

describe("a server that misbehaves ends the check, not the run", () => {
  const models = check("ready.listens", async ({ target }) => {
    expectValue("status", (await target.send("/nothing")).status).toBe(404);
  });

  test("hangs: a failure after the silence", async () => {
    const source = await serve(jobs((response) => response.flushHeaders()));
    const report = await run(source, [answers, models], { silenceMs: 300 });
    expect(report.checks[0]).toMatchObject({ status: "fail", expected: "a complete answer" });
    expect(report.checks[0]!.got).toMatch(/no token arrived within 300 ms|no byte arrived for 300 ms/);
    expect(report.checks[1]!.status).toBe("pass");
  });

  test("hangs where a check waits without a limit: a failure when the budget is used up", async () => {
    const source = await serve(jobs((response) => response.flushHeaders()));
    const waits = check("text.waits", asks, { budgetMs: 600 });
    const report = await run(source, [waits, models], { silenceMs: 300 });
    expect(report.checks[0]).toMatchObject({ status: "fail" });
    expect(report.checks[0]!.expected).toBe("an answer to POST /v1/chat/completions within 300 ms");
    expect(report.checks[1]!.status).toBe("pass");
  });

  test("is slow: inconclusive when the budget is used up", async () => {
    const source = await serve(
      jobs((response) => {
        const timer = setInterval(() => response.write(": still here\n\n"), 20);
        response.once("close", () => clearInterval(timer));
      }),
    );
    const waits = check("text.waits", asks, { budgetMs: 600 });
    const report = await run(source, [waits], { silenceMs: 500 });
    expect(report.checks[0]).toMatchObject({ status: "inconclusive", attempts: 1 });
    expect(report.checks[0]!.message).toMatch(/still answering/);
  });

  test("floods: a failure, within the memory of the check", async () => {
    const chunk = `data: {"choices":[{"index":0,"delta":{"content":"${"a".repeat(60_000)}"}}]}\n\n`;
    const source = await serve(
      jobs((response) => {
        const write = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on("drain", write);
        write();
      }),
    );
    const report = await run(source, [answers, models]);
    expect(report.checks[0]).toMatchObject({
      status: "fail",
      expected: "a stream of about 3 tokens",
      got: "more than 70 events",
    });
    expect(report.checks[0]!.exchanges[0]!.omittedBytes).toBeGreaterThan(1_000_000);
    expect(report.checks[1]!.status).toBe("pass");
  });

  test("dies: it is started again, and that is in the report", async () => {
    const source = stub({
      stub: { faults: [{ id: "exit", at: { afterTokens: 2 }, match: { jobId: "ready.answers-1-1-1" } }] },
    });
    const again = { ...answers, id: "ready.again" as const };
    const report = await run(source, [answers, again]);
    expect(report.checks.map(({ status }) => status)).toEqual(["fail", "pass"]);
    expect(report.restarts).toMatchObject([{ after: "ready.answers" }]);
    expect(report.restarts[0]!.reason).toMatch(/the server ended \(exit code/);
  });

  test("answers with the wrong content type: it is wrong, and alive, so it is not started again", async () => {
    const spoken = { dialect: "openai-chat", model: "any" } as const;
    const program = `require("node:http").createServer((request, response) => {
      request.resume() && response.writeHead(200, { "content-type": "text/plain" }).end("data: [DONE]\\n\\n");
    }).listen(Number(process.argv[1]), "127.0.0.1")`;
    const source: ServerSource = {
      kind: "started",
      command: "a program",
      start: () => WorkerTestHarness.launch({ command: process.execPath, args: ["-e", program, "{port}"], ...spoken }),
    };
    const report = await run(source, [answers, { ...answers, id: "ready.again" as const }]);
    expect(report.checks.map(({ status }) => status)).toEqual(["fail", "fail"]);
    expect(report.restarts).toEqual([]);
  });

  test("stops answering at all: it is started again", async () => {
    const stops = check("text.stops", async ({ target, server }) => {
      process.kill(server.pid!, "SIGSTOP");
      await target.generate("Hello");
    });
    const report = await run(stub(), [stops, answers], { silenceMs: 1_000 });
    expect(report.checks.map(({ status }) => status)).toEqual(["fail", "pass"]);
    expect(report.restarts).toMatchObject([{ after: "text.stops" }]);
  });

  test("dies in every check: it is started again eight times, and then the run ends", async () => {
    const dies = Array.from({ length: 11 }, (_, index) =>
      check(`text.dies-${index}`, async ({ target, server }) => {
        process.kill(server.pid!, "SIGKILL");
        await target.generate("Hello");
      }),
    );
    const report = await run(stub(), dies);
    expect(report.restarts).toHaveLength(8);
    expect(report.checks.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 9 }, () => "fail"),
      "inconclusive",
      "inconclusive",
    ]);
    expect(report.completeness).toMatchObject({ status: "partial" });
  });

  test("is gone and belongs to someone else: the other checks are not run, and the report is partial", async () => {
    let server: Server | undefined;
    const source = await serve((request, response) => {
      server ??= (response.socket as unknown as { server: Server }).server;
      if (request.method !== "POST") return void response.writeHead(404).end();
      server.close();
      server.closeAllConnections();
    });
    const report = await run(source, [answers, models]);
    expect(report.checks.map(({ status }) => status)).toEqual(["fail", "inconclusive"]);
    expect(report.checks[1]!.message).toMatch(/^not run: the server is gone after ready\.answers: /);
    expect(report.completeness).toMatchObject({ status: "partial" });
  });
});

test("a slow server gets more time: as much as its first jobs show that it needs", async () => {
  const waits = check("text.waits", async () => new Promise((resolve) => setTimeout(resolve, 700)), {
    budgetMs: 100,
  });
  const fast = await run(stub(), [waits]);
  expect(fast.checks[0]!.status).not.toBe("pass");
  const slow = await run(stub({ stub: { timing: { itlMs: 1_000 } } }), [waits]); // four tokens take 4 s
  expect(slow.checks[0]!.status).toBe("pass");
});

test("a signal ends the run: the report is partial, and says what was not run", async () => {
  const controller = new AbortController();
  const cut = check("text.cut", ({ signal }) => {
    controller.abort(new Error("interrupted"));
    expect(signal.aborted).toBe(true);
    return new Promise(() => undefined); // a check that does not heed its signal
  });
  const seen: string[] = [];
  const onResult: ConformanceOptions["onResult"] = ({ id }) => void seen.push(id);
  const report = await run(stub(), [answers, cut, { ...answers, id: "ready.later" }], {
    signal: controller.signal,
    onResult,
  });
  expect(report.checks.map(({ status }) => status)).toEqual(["pass", "inconclusive", "inconclusive"]);
  expect(report).toMatchObject({ status: "inconclusive", completeness: { status: "partial", reason: "interrupted" } });
  expect(seen).toEqual(["ready.answers", "text.cut", "ready.later"]);
});

test("a run depends on its seed only: the same requests again, and other ones with another seed", async () => {
  const bodies = async (seed: number): Promise<unknown[]> => {
    const { checks } = await run(stub(), [answers], { seed });
    return checks.flatMap(({ exchanges }) => exchanges.map(({ requestBody }) => requestBody));
  };
  expect(await bodies(7)).toEqual(await bodies(7));
  expect(await bodies(7)).not.toEqual(await bodies(8));
});

test("shared checks run beside each other, any other one alone", async () => {
  let [running, most] = [0, 0];
  const note: Check["run"] = async () => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    running -= 1;
  };
  const shared = ["text.a", "text.b", "text.c"].map((id) => check(id as Check["id"], note, { isShared: true }));
  await run(stub(), shared);
  expect(most).toBe(3);
  most = 0;
  await run(
    stub(),
    shared.map((each) => ({ ...each, isShared: false })),
  );
  expect(most).toBe(1);
});

test("a check can launch another process of the server, which ends with the check", async () => {
  let other: WorkerTestHarness | undefined;
  const launches = check(
    "lifecycle.launches",
    async ({ launch, server }) => {
      other = await launch();
      expectValue("another process", other.pid).toSatisfy("of its own", (pid) => pid !== server.pid);
    },
    { needs: ["launch"] },
  );
  const { checks } = await run(stub(), [launches]);
  expect(checks[0]!.status).toBe("pass");
  expect(other!.exitInfo).toBeDefined();
});
