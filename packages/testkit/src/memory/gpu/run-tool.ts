import { spawn } from "node:child_process";
import type { ToolAnswer } from "./backend.js";

/** How a tool is called. */
export interface ToolCommand {
  /** Program and leading arguments. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
  /** The meaning of a missing program. */
  readonly notFound: string;
  /** The meaning of an exit code without output. */
  readonly exitCodes?: Readonly<Record<number, string>> | undefined;
}

/** The output of a query is a few lines; anything longer is truncated. */
const MOST_CHARACTERS = 1_000_000;
/** Maximum length of a line in a message. */
const LONGEST_LINE = 300;

/**
 * Runs a tool once. Never rejects: a tool that is missing, fails or hangs (a hung driver never answers) is a result. After
 * the time-out it is killed but not waited for, because a process blocked in the driver may not die.
 */
export function runTool(tool: ToolCommand, args: readonly string[]): Promise<ToolAnswer> {
  const { command, timeoutMs, notFound } = tool;
  const [program, ...leading] = command;
  return new Promise((resolve) => {
    const child = spawn(program, [...leading, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C" },
    });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        if (output[stream].length < MOST_CHARACTERS) output[stream] += text;
      });
    }
    const finish = (answer: ToolAnswer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      finish({ failed: describeHang(program, timeoutMs) });
    }, timeoutMs);
    child.once("error", (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === "ENOENT";
      finish({
        failed: isMissing
          ? `${program} was not found: ${notFound}`
          : `${program} could not be started: ${error.message}`,
      });
    });
    child.once("close", (code, signal) => finish(readEnd(tool, { ...output, end: code ?? signal })));
  });
}

/** The reason for a read that timed out. */
export function describeHang(name: string, timeoutMs: number): string {
  return `${name} did not answer within ${timeoutMs} ms`;
}

/** Whether a read timed out: another read would probably time out too. */
export function isHang(reason: string): boolean {
  return reason.includes("did not answer within");
}

function readEnd(
  { command: [program], exitCodes = {} }: ToolCommand,
  { stdout, stderr, end }: { stdout: string; stderr: string; end: number | NodeJS.Signals | null },
): ToolAnswer {
  if (end === 0) return { text: stdout, errorText: stderr };
  const meaning = typeof end === "number" ? exitCodes[end] : undefined;
  const message = findFirstLine(`${stdout}\n${stderr}`) ?? meaning ?? "no message";
  return { failed: `${program} failed (${String(end)}): ${message}` };
}

/** The first non-blank line, for a message. */
export function findFirstLine(text: string): string | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.find((line) => line !== "")?.slice(0, LONGEST_LINE);
}
