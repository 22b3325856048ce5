import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createTemporaryFolder } from "../../../../../tests/support/temporary-folder.js";
import { LedgerFile } from "../../../src/memory/ledger/ledger-file.js";

const MODULE = new URL("../../../dist/memory/ledger/ledger-file.js", import.meta.url).href;
const PROCESSES = 4;
const CHANGES = 200;
const COUNT_UP = `
  const [module, folder, changes] = process.argv.slice(1);
  const { LedgerFile } = await import(module);
  const ledger = await LedgerFile.open(folder);
  for (let index = 0; index < Number(changes); index += 1)
    await ledger.update(({ entries, peaks: { count = 0 } }) => ({ content: { entries, peaks: { count: count + 1 } } }));
`;

test("changes of several processes at the same time are all kept", async () => {
  await using folder = await createTemporaryFolder();
  const run = promisify(execFile);
  const args = ["--input-type=module", "-e", COUNT_UP, MODULE, folder.path, String(CHANGES)];
  await Promise.all(Array.from({ length: PROCESSES }, () => run(process.execPath, args)));

  const ledger = await LedgerFile.open(folder.path);
  const count = await ledger.update((content) => ({ content, result: content.peaks["count"] }));
  expect(count).toBe(PROCESSES * CHANGES);
});

test("a ledger that is not one begins anew", async () => {
  await using folder = await createTemporaryFolder();
  await writeFile(`${folder.path}/ledger.json`, "{");
  const ledger = await LedgerFile.open(folder.path);

  expect(await ledger.update((content) => ({ content, result: content }))).toEqual({ entries: [], peaks: {} });
});
