import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WorkerTestHarness } from "inference-testkit";
import { parseRunReport } from "inference-testkit/report";
import { expect, test } from "vitest";
import { createTemporaryFolder, runCli } from "../../packages/testkit/test/cli/run-cli.js";
import { llamaServer, missingLlamaServer } from "../support/llama-server.js";

if (missingLlamaServer !== undefined)
  test("profile of a real llama-server", (context) => context.skip(missingLlamaServer));
const realTest = test.skipIf(missingLlamaServer !== undefined);

realTest(
  "profile --url with no other flag: chat, the model of the server, answers of one length, and a report",
  { timeout: 180_000 },
  async () => {
    await using server = await WorkerTestHarness.launch(llamaServer("openai-chat"));
    const cwd = createTemporaryFolder();

    const { stdout, stderr } = await runCli(["profile", "--url", server.baseUrl], { cwd, timeoutMs: 150_000 });

    expect(stderr).toContain(
      "dialect: openai-chat (`/props` is that of llama-server, whose model has a chat template)",
    );
    expect(stderr).toContain("model: smollm2");
    const [, path = ""] = /^report: (.*)$/m.exec(stdout) ?? [];
    const { load, requests } = parseRunReport(readFileSync(join(path, "..", "run.json"), "utf8"));
    expect(load?.counts.byStatus).toEqual({ ok: load?.counts.attempted });
    expect(load?.counts.attempted).toBeGreaterThan(0);
    expect(load?.warmup).toMatchObject({ attempted: 1, ok: 1 });
    expect(requests).toMatchObject({
      model: "smollm2",
      ignoreEos: { sent: true },
      fullLengthCount: load?.counts.attempted,
    });
  },
);

realTest(
  "--ignore-eos: a prompt whose answer is short is answered at full length, and without it is not",
  { timeout: 180_000 },
  async () => {
    await using server = await WorkerTestHarness.launch(llamaServer("openai-chat"));
    const run = async (...flags: string[]) => {
      const out = createTemporaryFolder();
      const args = ["profile", "--url", server.baseUrl, "--requests", "3", "--max-tokens", "200", "--out", out];
      await runCli([...args, "--prompt", "What is 1+1? Answer with one number.", ...flags], { timeoutMs: 120_000 });
      return parseRunReport(readFileSync(join(out, "run.json"), "utf8")).requests;
    };

    expect(await run()).toMatchObject({ ignoreEos: { sent: true }, okCount: 3, fullLengthCount: 3 });
    expect((await run("--ignore-eos", "never"))?.fullLengthCount).toBeLessThan(3);
  },
);
