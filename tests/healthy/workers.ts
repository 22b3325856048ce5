import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ProgramOptions } from "inference-testkit";
import { hasLanguage, type Language, type Programs } from "../mistakes/programs.js";

/** A worker without a mistake, and how it is started. */
export interface HealthyWorker {
  readonly name: string;
  readonly language: Language;
  readonly source: string;
  readonly options: Omit<ProgramOptions, "command">;
  /** Why it cannot run here, if it cannot. */
  readonly missing?: string | undefined;
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const PORT = ["{port}"];
const POLLED = { kind: "http" } as const;
/** An environment of `npm run test:real` that has these packages. */
const PYTHON = path("../../models/python-aiperf/bin/python");

/** As many ways to be right as possible. */
export const HEALTHY: readonly HealthyWorker[] = [
  {
    name: "Node, orcd, kept alive, with its id",
    language: "node",
    source: path("../mistakes/worker/main.mjs"),
    options: { args: ["--port", ...PORT, "--id", "{workerId}"], dialect: "orcd", ready: POLLED },
  },
  {
    name: "Node, Anthropic, on ::1, comments and pings, slow start, a child in its group",
    language: "node",
    source: path("node-anthropic.mjs"),
    options: { args: [...PORT, "{host}"], host: "::1", dialect: "anthropic", ready: POLLED },
  },
  {
    name: "Python's http.server, orcd, without keep-alive",
    language: "python",
    source: path("../../examples/own-worker/worker.py"),
    options: { args: ["--port", ...PORT, "--worker-id", "{workerId}"], dialect: "orcd", ready: POLLED },
  },
  {
    name: "Python's asyncio, TGI, CRLF, a body that ends with the connection, ready by a log line",
    language: "python",
    source: path("asyncio_tgi.py"),
    options: { args: PORT, dialect: "tgi", ready: { kind: "log", pattern: /serving on port (?<port>\d+)/ } },
  },
  withPackages("aiohttp", {
    name: "aiohttp, OpenAI chat, chunks and comments",
    source: path("aiohttp_chat.py"),
    options: { args: PORT, dialect: "openai-chat", ready: POLLED },
  }),
  withPackages("fastapi, uvicorn", {
    name: "FastAPI, OpenAI completions",
    source: path("fastapi_completions.py"),
    options: { args: PORT, dialect: "openai-completions", ready: POLLED },
  }),
  {
    name: "Go's net/http, Ollama, flushed lines of JSON",
    language: "go",
    source: path("go-ollama/main.go"),
    options: { args: PORT, dialect: "ollama", ready: POLLED },
  },
  {
    name: "Go's net/http, OpenAI responses, four tokens in one write, no handler for signals",
    language: "go",
    source: path("go-responses/main.go"),
    options: { args: PORT, dialect: "openai-responses", ready: { kind: "port" } },
  },
  {
    name: "Rust, llama.cpp, kept alive, chunks of a few bytes, cut in the middle of characters",
    language: "rust",
    source: path("rust/worker.rs"),
    options: { args: PORT, dialect: "llama-cpp", ready: POLLED },
  },
  {
    name: "Rust, OpenAI chat, one write per event, a body that ends with the connection",
    language: "rust",
    source: path("rust/worker.rs"),
    options: { args: PORT, dialect: "openai-chat", ready: { kind: "log", pattern: /listening on port (?<port>\d+)/ } },
  },
];

/** The command of a worker, as its user starts it. */
export async function healthyOptions(worker: HealthyWorker, programs: Programs): Promise<ProgramOptions> {
  const { language, source, options } = worker;
  const [command, ...leading] = await programs.command(language, source);
  const isOfPackages = /aiohttp|fastapi/.test(source);
  return { ...options, command: isOfPackages ? PYTHON : command, args: [...leading, ...(options.args ?? [])] };
}

/** Why a worker cannot run here. */
export function findMissing({ language, missing }: HealthyWorker): string | undefined {
  return missing ?? (hasLanguage(language) ? undefined : `${language} is not installed`);
}

function withPackages(packages: string, worker: Omit<HealthyWorker, "language">): HealthyWorker {
  const hasPackages = existsSync(PYTHON) && spawnSync(PYTHON, ["-c", `import ${packages}`]).status === 0;
  const missing = hasPackages ? undefined : `models/python-aiperf has no ${packages}: npm run test:real installs it`;
  return { ...worker, language: "python", missing };
}
