import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, readdir, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WorkerTestHarness } from "inference-testkit";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { parseConformanceReport } from "../packages/testkit/src/conformance/report/parse-report.js";
import { readAction, runAction } from "./support/action.js";
import { startGuardedServer } from "./support/guarded-server.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STUB = "node_modules/.bin/worker-orcd --stub-mode --parallel 4 --port {port}";
const ONE = { level: "smoke", only: "ready.answers-one-token, length.max-tokens-is-exact" };
const TIMEOUT = { timeout: 120_000 };

/** A checkout of somebody who uses the action, with the worker installed. */
async function createWorkspace(): Promise<string> {
  const folder = await createTemporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  await symlink(join(ROOT, "node_modules"), join(folder.path, "node_modules"));
  return folder.path;
}

async function readExample(): Promise<{ readonly uses: string; readonly with: Record<string, string> }> {
  const text = await readFile(join(ROOT, "examples/conformance-action/workflow.yml"), "utf8");
  const { jobs } = parse(text) as {
    jobs: { conformance: { steps: { uses?: string; with: Record<string, string> }[] } };
  };
  const step = jobs.conformance.steps.find(({ uses }) => uses?.includes("inference-testkit"));
  return { uses: step?.uses ?? "", with: step?.with ?? {} };
}

test("no script contains an expression: inputs reach it through the environment only", async () => {
  const { inputs, outputs, runs } = await readAction();
  const scripts = runs.steps.filter(({ run }) => run !== undefined);

  expect(runs.steps.map(({ name }) => name)).toEqual([
    "Install inference-testkit",
    "Check the server",
    "Write the summary",
    "Upload the report",
  ]);
  for (const { run, shell } of scripts) {
    expect(run).not.toContain("${{");
    expect(shell).toBe("bash");
  }
  const used = JSON.stringify(runs.steps.map(({ env, with: given }) => [env, given]));
  for (const name of Object.keys(inputs)) expect(used).toContain(`\${{ inputs.${name} }}`);
  expect(outputs["exit-code"]?.value).toBe("${{ steps.check.outputs.exit-code }}");
});

test("the report is uploaded after a failed check, and not after one without a result", async () => {
  const steps = (await readAction()).runs.steps;
  expect(steps.map(({ if: condition }) => condition)).toEqual([
    undefined,
    undefined,
    "${{ !cancelled() && steps.check.outcome != 'skipped' }}",
    "${{ !cancelled() && steps.check.outputs.written == 'true' }}",
  ]);
  expect(steps[3]?.uses).toMatch(/^actions\/upload-artifact@v\d+$/);
  expect(steps[0]?.run).toBe('node "$GITHUB_ACTION_PATH/scripts/ensure-installed.mjs"'); // what `npm test` runs first as well
});

test("the workflow of the guide runs, and every input of it exists", TIMEOUT, async () => {
  const { uses, with: given } = await readExample();
  const { version } = JSON.parse(await readFile(join(ROOT, "packages/testkit/package.json"), "utf8")) as {
    version: string;
  };
  expect(uses).toBe(`OWNER/inference-testkit@v${version}`);
  expect(Object.keys((await readAction()).inputs)).toEqual(expect.arrayContaining(Object.keys(given)));

  const workspace = await createWorkspace();
  await copyFile(join(ROOT, "examples/conformance-action/profile.json"), join(workspace, "profile.json"));
  const { exitCode, log, summary, outputs, uploaded } = await runAction(workspace, given);

  expect({ exitCode, outputs }, log).toEqual({ exitCode: 0, outputs: { "exit-code": "0", written: "true" } });
  expect(summary).toMatch(/^## Conformance: ✅ pass\n/);
  expect(uploaded).toEqual(
    ["conformance.html", "conformance.json", "junit.xml", "summary.md"].map((name) => `conformance/${name}`),
  );
  for (const path of uploaded!) expect(existsSync(join(workspace, path)), path).toBe(true);
  const report = parseConformanceReport(await readFile(join(workspace, "conformance/conformance.json"), "utf8"));
  expect([...new Set(report.checks.map(({ area }) => area))]).toEqual(["ready", "stop"]);
  expect(report.server.dialect).toBe("openai-chat");
  const skipped = report.checks.find(({ id }) => id === "stop.prefix-is-withheld");
  expect(skipped).toMatchObject({ status: "not-applicable", message: "skipped: fixed in 2.1" });
});

test("a failed check has exit code 1, a summary, a report, and the comparison with the baseline", TIMEOUT, async () => {
  const workspace = await createWorkspace();
  const first = await runAction(workspace, { ...ONE, command: STUB, out: "before" });
  expect(first.exitCode, first.log).toBe(0);
  await writeFile(join(workspace, "stub.json"), '{"faults":[{"id":"never-stops"}]}');
  const broken = `${STUB} --stub-config stub.json`;
  const { exitCode, log, summary, outputs, uploaded } = await runAction(workspace, {
    ...{ ...ONE, command: broken, out: "after it", model: "stub", slow: "2", baseline: "before", dialect: "orcd" },
  });

  expect({ exitCode, outputs }, log).toEqual({ exitCode: 1, outputs: { "exit-code": "1", written: "true" } });
  expect(summary).toMatch(/^## Conformance: ❌ fail\n/);
  expect(summary).toContain("| worse | length.max-tokens-is-exact | pass | fail |");
  for (const path of uploaded!) expect(existsSync(join(workspace, path)), path).toBe(true);
});

test(
  "a server that cannot be reached has exit code 3, and no earlier report is taken for its own",
  TIMEOUT,
  async () => {
    const workspace = await createWorkspace();
    await mkdir(join(workspace, "conformance"));
    await writeFile(join(workspace, "conformance/summary.md"), "## Conformance: ✅ pass of yesterday\n");
    const past = new Date(Date.now() - 3_600_000);
    await utimes(join(workspace, "conformance/summary.md"), past, past);
    const { exitCode, outputs, summary, uploaded } = await runAction(workspace, {
      url: `http://127.0.0.1:${await freePort()}`,
    });

    expect({ exitCode, outputs }).toEqual({ exitCode: 3, outputs: { "exit-code": "3", written: "false" } });
    expect(summary).toMatch(/^## Conformance: no report\n/);
    expect(uploaded).toBeUndefined();
  },
);

test("without a server, the exit code is 2, and the log says what is missing", TIMEOUT, async () => {
  const { exitCode, log, outputs } = await runAction(await createWorkspace(), {});
  expect({ exitCode, outputs }).toEqual({ exitCode: 2, outputs: { "exit-code": "2", written: "false" } });
  expect(log).toContain("Expected one of --url, --command and --stub");
});

/** No shell may read it; `$$` is a dollar sign. */
const NOTE = '"; touch pwned; $(touch pwned) `touch pwned` \\x $$HOME *';
const SMALL = { level: "smoke", only: "ready.answers-one-token", dialect: "orcd" };

test.each(["API_KEY", "token", "code", "URL"])(
  "headers, a line each, reach every request, and the secret in $%s reaches neither the log nor the report",
  TIMEOUT,
  async (name) => {
    const key = "sk-action-0123456789";
    await using worker = await WorkerTestHarness.startMock();
    await using server = await startGuardedServer(worker.baseUrl, key);
    const workspace = await createWorkspace();
    const headers = `Authorization: Bearer $${name}\r\n\n  X-Note: ${NOTE}\n`;
    const { exitCode, log, uploaded } = await runAction(
      workspace,
      { ...SMALL, url: server.url, headers },
      { [name]: key },
    );

    expect(exitCode, log).toBe(0);
    expect(server.refused).toEqual([]);
    expect([...new Set(server.headers.map((sent) => sent["x-note"]))]).toEqual([NOTE.replace("$$", "$")]);
    expect(await readdir(workspace)).not.toContain("pwned");
    const files = await Promise.all(uploaded!.map((path) => readFile(join(workspace, path), "utf8")));
    expect([log, ...files].join("\n")).not.toContain(key);
  },
);

test("a header that names an unset variable, or is none, has exit code 2, and the log says so", TIMEOUT, async () => {
  const workspace = await createWorkspace();
  const run = (headers: string) => runAction(workspace, { ...SMALL, url: "http://127.0.0.1:9", headers });
  const [unset, odd] = [await run("Authorization: Bearer $NOT_SET_ANYWHERE"), await run("X-Good: 1\nAuthorization")];

  expect([unset.exitCode, odd.exitCode]).toEqual([2, 2]);
  expect(unset.log).toContain("got `$NOT_SET_ANYWHERE`, which is not");
  expect(odd.log).toContain("Expected `--header` to be a header such as 'Name: value'");
});

const HOSTILE = [
  '"; touch pwned; "',
  "'; touch pwned; '",
  "$(touch pwned)",
  "`touch pwned`",
  "x\ntouch pwned\n",
  "x; touch pwned #",
  "${IFS}&& touch pwned",
  "a[$(touch pwned)]",
  "--help",
  "x\nwritten=true\nexit-code=0",
];

test.each(HOSTILE)("inputs run nothing: %j in each of them", TIMEOUT, async (text) => {
  const workspace = await createWorkspace();
  const names = Object.keys((await readAction()).inputs);
  const { exitCode, outputs, log } = await runAction(workspace, Object.fromEntries(names.map((name) => [name, text])));

  expect({ exitCode, outputs }, log).toEqual({ exitCode: 2, outputs: { "exit-code": "2", written: "false" } });
  expect(await readdir(workspace)).not.toContain("pwned");
});

test("texts of the server in the log are no commands to the runner", TIMEOUT, async () => {
  const workspace = await createWorkspace();
  const run = async () => (await runAction(workspace, { ...ONE, command: STUB })).log.trimEnd().split("\n");
  const [one, other] = [await run(), await run()];

  const token = /^::stop-commands::([\da-f-]{36})$/.exec(one[0]!)?.[1];
  expect(one.at(-1)).toBe(`::${token}::`);
  expect(one.slice(1, -1).join("\n")).toContain("2 of 2 checks ran");
  expect(other[0]).not.toBe(one[0]);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
