import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isRunning, waitFor } from "../../../../tests/support/conditions.js";
import { createTemporaryFolder } from "../../../../tests/support/temporary-folder.js";
import { runVitest } from "./run-vitest.js";

const TIMEOUT_MS = 180_000;

/** The words of every line that the cases noted. */
function readNotes(folder: string, name: string): string[][] {
  const file = join(folder, name);
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" "));
}

const distinct = (notes: readonly string[][], word: number) => [...new Set(notes.map((words) => words[word]))];

test(
  "files in several processes share the worker of the run, one of them shares it among its tests",
  { timeout: TIMEOUT_MS },
  async () => {
    await using folder = await createTemporaryFolder();
    const { code, output } = await runVitest("pool-runs", { env: { NOTES_FOLDER: folder.path } }).ended;

    expect(output).toMatch(/Tests +31 passed \(31\)/);
    expect(code).toBe(0);
    const run = readNotes(folder.path, "run");
    expect(run).toHaveLength(20);
    expect(distinct(run, 0)).toHaveLength(2); // processes
    expect(distinct(run, 1)).toHaveLength(1); // workers
    const file = readNotes(folder.path, "file").flat();
    expect(new Set(file.slice(0, 5)).size).toBe(1);
    expect(file[5]).not.toBe(file[0]);
    expect(output).toMatch(
      /^the worker worker-\w+ of the test ".*changes the worker" was replaced: the test restarted it$/m,
    );
    expect(distinct(readNotes(folder.path, "own"), 0)).toHaveLength(4);
  },
);

/** Vitest's own temporary files stay when it is killed. */
const envOf = (folder: string) => ({ NOTES_FOLDER: folder, TMPDIR: folder });

/** The process of the test that holds the worker, and that of the worker. */
async function readHolder(folder: string, output: () => string): Promise<{ fork: number; worker: number }> {
  const [fork, worker] = await waitFor(`a note: ${output()}`, () => readNotes(folder, "a")[0], 150_000);
  return { fork: Number(fork), worker: Number(worker) };
}

test("the worker of the run ends when the main process is killed", { timeout: TIMEOUT_MS }, async () => {
  await using folder = await createTemporaryFolder();
  const { child, ended, output } = runVitest("kill-runs", { env: envOf(folder.path), filters: ["a.case"] });
  const { fork, worker } = await readHolder(folder.path, output);
  try {
    expect(isRunning(worker)).toBe(true);
    child.kill("SIGKILL");
    await waitFor("the end of the worker", () => (isRunning(worker) ? undefined : true), 30_000);
  } finally {
    process.kill(fork, "SIGKILL"); // its test never ends
    await ended;
  }
});

test("a test gets the worker of another one whose process was killed", { timeout: TIMEOUT_MS }, async () => {
  await using folder = await createTemporaryFolder();
  const { ended, output } = runVitest("kill-runs", { env: envOf(folder.path) });
  const { fork, worker } = await readHolder(folder.path, output);
  process.kill(fork, "SIGKILL");
  const end = await ended;

  expect(end.code).toBe(1);
  expect(end.output).toContain("gets the worker after that");
  expect(readNotes(folder.path, "b")).toHaveLength(1);
  expect(isRunning(worker)).toBe(false);
});
