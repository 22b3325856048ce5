import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isTestkitError, WorkerTestHarness, type ProgramOptions } from "inference-testkit";
import type { Mistake } from "./mistake.js";
import type { Programs } from "./programs.js";
import { USERS } from "./users.js";

const path = (name: string) => fileURLToPath(new URL(`worker/${name}`, import.meta.url));
const SOURCES = { node: "main.mjs", python: "worker.py", go: "worker.go" } as const;
const FLAGS = ["--port", "{port}", "--id", "{workerId}"];

/**
 * Everything that an ordinary test of a worker with this mistake gets to know: codes of errors and findings, and statuses of jobs. The test is
 * that of the `worker` fixture: the worker is stopped whatever happens, and the failure of the stop is reported beside that of the test.
 */
export async function runMistake(mistake: Mistake, programs: Programs): Promise<readonly string[]> {
  const told = new Set<string>();
  const note = (error: unknown): void => noteCodes(error, told);
  const cwd = mkdtempSync(join(tmpdir(), "mistake-")); // what it leaves there is removed
  const options = { ...(await createOptions(mistake, programs)), cwd };
  const start = () => WorkerTestHarness.launch(options);
  const worker = await start().catch(note);
  if (worker === undefined) rmSync(cwd, { recursive: true });
  if (worker === undefined) return [...told];
  await USERS[mistake.user](worker, mistake.request ?? {}, start).catch(note);
  const report = await worker.stop().catch(note);
  rmSync(cwd, { recursive: true });
  for (const { code } of report?.findings ?? worker.findings) told.add(code);
  return [...told];
}

/** The worker with a mistake, as its user starts it. */
async function createOptions(mistake: Mistake, programs: Programs): Promise<ProgramOptions> {
  const { id, start = {}, language = "node" } = mistake;
  const [command, ...source] = await programs.command(language, path(SOURCES[language]));
  const args = [...source, ...FLAGS, "--mistake", id];
  return { command, args, dialect: "orcd", ready: { kind: "http" }, ...start };
}

interface Details {
  readonly codes?: readonly string[];
  readonly byStatus?: Readonly<Record<string, number>>;
  readonly status?: unknown;
}

function noteCodes(error: unknown, told: Set<string>): void {
  if (error instanceof AggregateError) for (const each of error.errors) noteCodes(each, told);
  if (!isTestkitError(error)) {
    if (!(error instanceof AggregateError)) throw error;
    return;
  }
  told.add(error.code);
  const { codes = [], byStatus = {}, status } = error.details as Details;
  if (typeof status === "string") told.add(`${error.code}: ${status}`);
  for (const code of codes) told.add(code);
  for (const [status, count] of Object.entries(byStatus)) if (count > 0) told.add(status);
}
