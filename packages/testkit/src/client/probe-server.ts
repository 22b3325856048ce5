import { PROBE_PATHS, recognizeServer, type ProbeAnswer, type Recognition } from "../dialects/index.js";
import { withoutHiddenValues } from "../terminal/index.js";
import type { CallOptions, RawRequest } from "./options.js";
import type { ExecuteResponse } from "./execute-response.js";

const MOST_BYTES = 1024 * 1024;
/** For a question on the side, to a server that has shown that it answers. */
export const QUESTION_TIMEOUT_MS = 5_000;

/** Sends one request. */
type Ask = (path: string, options: RawRequest) => Promise<ExecuteResponse>;

/** What a server is, as far as its answers show, and the answers. */
export interface ProbeReport {
  readonly recognized: Recognition | undefined;
  readonly answers: readonly ProbeAnswer[];
}

/**
 * Asks a server what it is. The first question is enough for a worker of this project.
 *
 * @throws {CONNECT_FAILED} and what else the first request throws.
 */
export async function probeServer(ask: Ask, options: CallOptions): Promise<ProbeReport> {
  const [firstPath = "/", ...paths] = PROBE_PATHS;
  const first = await readAnswer(firstPath, await ask(firstPath, options));
  const recognized = recognizeServer([first]);
  if (recognized !== undefined) return { recognized, answers: [first] };
  const answers = [first, ...(await Promise.all(paths.map((path) => askOrNothing(ask, path, options))))];
  return { recognized: recognizeServer(answers), answers };
}

/** The answers, one a line, for an error. */
export function describeAnswers(answers: readonly ProbeAnswer[]): string[] {
  return answers.map(({ path, status, body }) => {
    const shown = withoutHiddenValues(body).replaceAll(/\s+/g, " ").slice(0, 120);
    return `  GET ${path}: ${status ?? "no answer"}${shown === "" ? "" : ` ${shown}`}`;
  });
}

async function askOrNothing(ask: Ask, path: string, options: CallOptions): Promise<ProbeAnswer> {
  try {
    return await readAnswer(path, await ask(path, { ...options, timeoutMs: QUESTION_TIMEOUT_MS }));
  } catch (error) {
    return { path, status: undefined, body: (error as Error).message.split("\n", 1)[0] ?? "" };
  }
}

async function readAnswer(path: string, response: ExecuteResponse): Promise<ProbeAnswer> {
  return { path, status: response.status, body: await response.text({ maxBytes: MOST_BYTES }) };
}
