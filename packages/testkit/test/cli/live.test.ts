import { request, type RequestOptions } from "node:http";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseRunReport } from "../../src/report/index.js";
import { waitFor } from "../../../../tests/support/conditions.js";
import { createTemporaryFolder, startCli, waitUntil, type CliRun } from "./run-cli.js";

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { timeout: 30_000, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
      response.on("error", reject);
    });
    sent.on("error", reject).end();
  });
}

/** The address that the command prints, and one with another path. */
async function readAddress(run: CliRun): Promise<(path: string) => string> {
  const find = () => /^watch the (?:run|checks): (http:\S+)$/m.exec(run.stderr())?.[1];
  await waitUntil(() => find() !== undefined);
  return (path) => {
    const url = new URL(find() ?? "");
    url.pathname = path;
    return url.href;
  };
}

function readUntil<T>(url: string, find: (data: unknown) => T | undefined): Promise<T> {
  return waitFor("the page shows it", async () => find(JSON.parse((await ask(url)).body)), 30_000);
}

const STUB = ["--stub", "--stub-config", '{"timing":{"ttftMs":5,"itlMs":2}}', "--max-tokens", "8"];

test("`profile --ui` shows the figures so far, and its stop button ends the run with a partial report", async () => {
  const out = join(createTemporaryFolder(), "run");
  const run = startCli(["profile", ...STUB, "--duration", "10m", "--warmup", "1", "--ui", "--out", out]);
  const at = await readAddress(run);
  const page = await ask(at("/"));
  expect(page.status).toBe(200);
  expect(page.headers).toMatchObject({ "cache-control": "no-store", "x-frame-options": "DENY" });
  expect(page.body).toMatch(
    /http-equiv="Content-Security-Policy" content="default-src 'none'; [^"]*connect-src 'self'/,
  );
  const events = ask(at("/events"));
  const count = await readUntil(at("/data"), (data) => {
    const { load } = data as { load: { counts: { attempted: number } } | null };
    return load !== null && load.counts.attempted > 2 ? load.counts.attempted : undefined;
  });

  expect((await ask(at("/stop"), { method: "POST" })).status).toBe(202);
  const { exitCode, stderr, stdout } = await run.finished;
  expect(stderr).toContain("the stop button: ending the run");
  expect(stdout).toContain("partial result: interrupted by the stop button");
  expect(exitCode).toBe(3);
  const report = parseRunReport(readFileSync(join(out, "run.json"), "utf8"));
  expect(report.load!.counts.attempted).toBeGreaterThanOrEqual(count);
  expect((await events).body).toMatch(
    /^event: progress\ndata: \{"share":[\d.e-]+,"text":"[^"]*requests?[^"]*"\}\n\n[^]*event: end\n/,
  );
});

test("only who knows the token, and asks by the name of loopback, gets the page or can stop the run", async () => {
  const run = startCli(["profile", ...STUB, "--duration", "10m", "--ui"]);
  const at = await readAddress(run);
  const other = (path: string) => at(path).replace(/token=.{4}/, "token=0000");
  for (const path of ["/", "/data", "/events"]) {
    expect((await ask(other(path))).status, path).toBe(403);
    expect((await ask(at(path).split("?")[0]!)).status, path).toBe(403);
    expect((await ask(at(path), { headers: { host: "attacker.example" } })).status, path).toBe(403);
  }
  expect((await ask(other("/stop"), { method: "POST" })).status).toBe(403);
  expect((await ask(at("/stop"))).status).toBe(404);
  expect((await ask(at("/data"))).status).toBe(200);
  expect(run.stderr()).not.toContain("ending the run");
});

test("the run is not held up by a page that reads nothing, and ends for it", async () => {
  const run = startCli(["profile", ...STUB, "--requests", "30", "--ui"]);
  const at = await readAddress(run);
  const sent = request(at("/events"));
  sent
    .on("error", () => undefined)
    .on("response", (response) => response.pause())
    .end();
  const { stdout } = await run.finished;

  expect(stdout).toMatch(/^30 requests /m);
});

test("`check --ui` shows the checks so far and the final report", async () => {
  const run = startCli(["check", "--stub", "--level", "smoke", "--ui"]);
  const at = await readAddress(run);
  const events = ask(at("/events"));
  const found = await readUntil(at("/data"), (data) => {
    const { checks, server } = data as { checks: { id: string }[]; server: { dialect: string } };
    return checks.length > 0 ? { id: checks[0]!.id, dialect: server.dialect } : undefined;
  });
  const { exitCode } = await run.finished;

  expect(found).toEqual({ id: expect.stringMatching(/^ready\./) as string, dialect: "orcd" });
  expect((await events).body).toMatch(/"text":"\d+ of \d+ checks; last: [a-z]+\.[a-z-]+"[^]*event: end\n/);
  expect(exitCode).toBe(0);
});
