import { spawn } from "node:child_process";
import { waitFor } from "./conditions.js";
import type { Peer } from "./peers.js";

/** The import of a Python client alone takes seconds on a busy machine. */
const ANSWER_TIMEOUT_MS = 60_000;

/** What a client is asked to do: a function of its script in `tests/peers/clients`. */
export interface ClientRequest {
  readonly run: "stream" | "whole" | "tool" | "structured" | "abort";
  readonly baseUrl: string;
  readonly model: string;
  readonly maxTokens: number;
  readonly maxRetries?: number;
}

/** What it got; each function has some of these. */
export interface ClientAnswer {
  readonly texts?: readonly string[];
  readonly text?: string;
  readonly finish?: string;
  readonly tokens?: number;
  readonly calls?: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly value?: unknown;
  readonly count?: number;
  /** Class of the error that an abort ended with, if it did. */
  readonly aborted?: string;
  readonly error?: { readonly class: string; readonly status?: number | null; readonly message?: string };
}

export interface PeerClient extends AsyncDisposable {
  ask(request: ClientRequest): Promise<ClientAnswer>;
}

/** Starts a client of another project, which answers one request after the other; leaving its scope ends it. */
export function startPeerClient({ command, args }: Peer): PeerClient {
  const child = spawn(command, args);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => (output[stream] += text));
  }
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.stdin.on("error", () => undefined); // the client is gone: the next answer fails, with its output
  let asked = 0;
  return {
    async ask(request) {
      const index = asked++;
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const line = await waitFor(`answer to ${request.run}`, () => answerOf(index), ANSWER_TIMEOUT_MS);
      return JSON.parse(line) as ClientAnswer;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };

  function answerOf(index: number): string | undefined {
    const complete = output.stdout.split("\n").slice(0, -1);
    if (complete.length <= index && child.exitCode !== null) {
      throw new Error(`The client ended with code ${child.exitCode}:\n${output.stderr}`);
    }
    return complete[index];
  }
}
