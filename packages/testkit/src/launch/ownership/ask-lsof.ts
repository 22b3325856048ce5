import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { listFamily } from "../process/process-family.js";
import type { OwnerQuestion, PortOwner } from "./port-owner.js";

const run = promisify(execFile);
const LSOF_TIMEOUT_MS = 5_000;

/**
 * Asks `lsof`, for systems without `/proc`. It lists the sockets of all addresses of the port; one of the worker's processes among
 * them is enough, since it does not show which address answers.
 *
 * @returns `undefined` if it lists nothing, which includes processes of another user.
 */
export async function askLsof({ port, worker }: OwnerQuestion): Promise<PortOwner | undefined> {
  const listed = await listListeners(port);
  if (typeof listed === "string") return { status: "unverified", reason: listed };
  const [first] = listed;
  if (first === undefined) return undefined;
  const family = listFamily(worker);
  return listed.some(({ pid }) => family.has(pid)) ? { status: "worker" } : { status: "other", ...first };
}

interface Listener {
  readonly pid: number;
  readonly command: string;
}

/** @returns the reason if `lsof` cannot be used. */
async function listListeners(port: number): Promise<readonly Listener[] | string> {
  try {
    const args = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
    return parseListeners((await run("lsof", args, { timeout: LSOF_TIMEOUT_MS })).stdout);
  } catch (error) {
    const { code, stdout = "", message } = error as Error & { code?: unknown; stdout?: string };
    if (code === 1) return parseListeners(stdout); // lsof's way to say that it has found nothing, or not everything
    if (code === "ENOENT") return "`lsof` is not installed";
    return `\`lsof\` failed: ${message.split("\n", 1)[0]}`;
  }
}

/** One field per line, named by its first character: `p` the pid, `c` the command. */
function parseListeners(output: string): Listener[] {
  return [...output.matchAll(/^p(\d+)\nc(.*)$/gm)].map(([, pid, command = ""]) => ({ pid: Number(pid), command }));
}
