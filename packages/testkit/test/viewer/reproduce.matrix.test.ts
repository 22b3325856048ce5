import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { collectStream, makeTestRequest, WorkerTestHarness } from "inference-testkit";
import { expect, test } from "vitest";
import { readEvidence } from "../../src/evidence/index.js";
import { toPageBundle } from "../../src/viewer/page-bundle.js";
import { toTest } from "../../src/viewer/reproduce.js";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";

const VITEST = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));
const CONFIG = 'export default { oxc: { target: "es2022" }, test: { include: ["*.test.ts"], pool: "forks" } };';

test("the tests that the page offers run, and send the same request", { timeout: 180_000 }, async () => {
  await using folder = await createTemporaryFolder();
  await using worker = await WorkerTestHarness.startMock();
  await symlink(MODULES, join(folder.path, "node_modules"));
  await writeFile(join(folder.path, "vitest.config.mjs"), CONFIG);
  for (const dialect of ["orcd", "openai-chat"] as const) {
    const bundle = join(folder.path, dialect);
    await mkdir(bundle);
    const client = await WorkerTestHarness.attach(worker.baseUrl, { dialect });
    await client.recordTo(bundle);
    const seed = dialect === "orcd" ? 18446744073709551615n : 7;
    await collectStream(await client.execute(makeTestRequest(`job-${dialect}`, 'it\'s "quoted"', 5, { seed })));
    await client.stop();
    const page = toPageBundle(await readEvidence(bundle), bundle);
    await writeFile(
      join(folder.path, `${dialect}.test.ts`),
      toTest(
        page.exchanges.find(({ isJob }) => isJob)!,
        page,
      )!,
    );
  }
  const sentBefore = (await worker.journal()).jobs.length;

  const env = { ...process.env, NO_COLOR: "1", WORKER_URL: worker.baseUrl };
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [VITEST, "run", "--root", folder.path], { env }, (_, out, err) => resolve(out + err));
  });

  expect(output).toMatch(/Tests +2 passed/);
  expect((await worker.journal()).jobs.length).toBe(sentBefore + 2);
});
