import { spawn } from "node:child_process";
import { existsSync, openSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerError } from "inference-worker-protocol";
import type { Call, RunRoute } from "../../http/index.js";
import type { CreateMutation, Mutation } from "./mutation.js";

const SHARED_MEMORY = "/dev/shm";
/** If nothing kills it; longer than any check waits for its end. */
const CHILD_LIFE_SECONDS = "60";
/** In the environment of a process that was handed the port. */
const IS_SUCCESSOR = "WORKER_ORCD_IS_SUCCESSOR";
/**
 * The parent of the successor, a subshell, ends at once. The stdin of the successor ends with the process that waits, as long as the shell
 * does: Node closes the pipe of a child that has ended.
 */
const HAND_OVER = 'exec 3<&0; ("$0" "$@" <&3 3<&- &); exec cat >/dev/null';

/** Replaces one exit code by another one. */
function exitCode(from: number, to: number): CreateMutation {
  return () => ({
    begin: () =>
      void process.on("exit", (code) => {
        if (code === from) process.exitCode = to;
      }),
  });
}

/** The streams that are open, and their end as if they were complete. */
class OpenAnswers {
  readonly #open = new Set<ServerResponse>();

  readonly intercept = (call: Call, next: RunRoute): Promise<void> => {
    this.#open.add(call.response);
    call.response.once("close", () => this.#open.delete(call.response));
    return next(call);
  };

  endAll(): void {
    for (const response of this.#open) {
      if (!response.headersSent) continue;
      response.end();
      response.write = () => true;
      response.end = () => response;
    }
  }
}

function cutStreams(): Mutation {
  const answers = new OpenAnswers();
  const end = (): void => {
    answers.endAll();
    setTimeout(() => process.exit(0), 50);
  };
  return { intercept: answers.intercept, begin: () => void process.on("SIGTERM", end) };
}

function hideDeathOfEngine(): Mutation {
  const answers = new OpenAnswers();
  const begin = (): void => {
    const engine = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] }); // ends with this process
    engine.stdin.on("error", () => undefined);
    engine.on("exit", () => answers.endAll());
  };
  return { intercept: answers.intercept, begin };
}

async function handOver(): Promise<void> {
  if (process.env[IS_SUCCESSOR] !== undefined) {
    process.stdin.once("close", () => process.exit(0)).resume();
    return;
  }
  const args = ["-c", HAND_OVER, process.execPath, ...process.argv.slice(1)];
  const env = { ...process.env, [IS_SUCCESSOR]: "1" };
  spawn("sh", args, { env, detached: true, stdio: ["pipe", "inherit", "inherit"] });
  setInterval(() => undefined, 2 ** 30); // this process stays, with nothing to do
  await new Promise(() => undefined);
}

function lock(port: number): void {
  const file = join(tmpdir(), `worker-orcd-${port}.lock`);
  if (existsSync(file)) throw new WorkerError("PORT_IN_USE", `${file} is there: another worker has the port`);
  writeFileSync(file, String(process.pid));
}

/** The defects of the process. */
export const PROCESS_MUTATIONS = {
  "lifecycle.fails-at-the-end": exitCode(0, 7),
  "lifecycle.fails-with-0": exitCode(1, 0),
  "lifecycle.cuts-streams-at-the-end": cutStreams,
  "lifecycle.ends-bodies-with-the-connection": () => ({
    intercept: (call, next) => {
      call.response.useChunkedEncodingByDefault = false;
      return next(call);
    },
  }),
  "lifecycle.leaves-a-child": () => ({
    begin: () => spawn("sleep", [CHILD_LIFE_SECONDS], { detached: true, stdio: "ignore" }).unref(),
  }),
  "lifecycle.leaves-its-lock": () => ({ bound: lock }),
  "lifecycle.leaves-shared-memory": () => ({
    begin: () => {
      if (existsSync(SHARED_MEMORY)) openSync(join(SHARED_MEMORY, `worker-orcd-mutant-${process.pid}`), "w");
    },
  }),
  "errors.hides-the-death-of-its-engine": hideDeathOfEngine,
  "identity.hands-over": () => ({ begin: handOver }),
} as const satisfies Readonly<Record<string, CreateMutation>>;
