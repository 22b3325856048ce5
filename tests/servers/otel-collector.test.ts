import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../../packages/testkit/test/cli/run-cli.js";
import { waitFor } from "../support/conditions.js";
import { modelsProgram } from "../support/peers.js";
import { createTemporaryFolder } from "../support/temporary-folder.js";

const { command, missing } = modelsProgram("otelcol/bin/otelcol", "OTELCOL");
const COUNT = 20;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a collector that prints what it receives; it ends with the test. */
async function startCollector() {
  const folder = await createTemporaryFolder();
  const port = await freePort();
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { debug: { verbosity: "detailed" } },
    service: {
      telemetry: { metrics: { level: "none" } },
      pipelines: {
        traces: { receivers: ["otlp"], exporters: ["debug"] },
        metrics: { receivers: ["otlp"], exporters: ["debug"] },
      },
    },
  };
  const file = join(folder.path, "config.json");
  await writeFile(file, JSON.stringify(config)); // every JSON document is YAML
  const child = spawn(command, ["--config", `file:${file}`], { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const ended = new Promise((resolve) => child.once("close", resolve));
  onTestFinished(async () => {
    child.kill();
    await ended;
    await folder[Symbol.asyncDispose]();
  });
  await waitFor("a collector", () => (printed.includes("Everything is ready") ? true : undefined));
  return { url: `http://127.0.0.1:${port}`, printed: () => printed };
}

test.skipIf(missing !== undefined)(
  "a real collector takes the metrics and the spans of a run",
  { timeout: 120_000 },
  async () => {
    const collector = await startCollector();
    const stub = ["--stub", "--stub-config", '{"timing":{"ttftMs":5,"itlMs":2}}', "--max-tokens", "4", "--no-memory"];

    const { stdout, stderr } = await runCli([
      "profile",
      ...stub,
      "--requests",
      `${COUNT}`,
      "--export",
      `otlp=${collector.url}`,
    ]);

    expect(stdout, stderr).toContain(`exported: ${collector.url}`);
    const spanCount = () => collector.printed().split("Span #").length - 1;
    await waitFor("all spans", () => (spanCount() === COUNT ? true : undefined));
    const text = collector.printed();
    for (const name of [
      "gen_ai.client.operation.duration",
      "gen_ai.client.token.usage",
      "gen_ai.server.time_to_first_token",
    ])
      expect(text).toContain(`-> Name: ${name}\n`);
    expect(text).toMatch(/Name +: text_completion stub\n/);
    expect(text).toContain("-> gen_ai.usage.output_tokens: Int(4)");
    expect(text).toContain("Name: first_token");
  },
);
