import { execFile } from "node:child_process";
import { promisify } from "node:util";

const TIMEOUT_MS = 2_000;

/**
 * The commit of a folder, with `-dirty` if tracked files were changed.
 *
 * @returns undefined outside a repository, without git, or if git does not answer within 2 s.
 */
export async function readCommit(folder: string): Promise<string | undefined> {
  try {
    const commit = await git(folder, ["rev-parse", "--short=12", "HEAD"]);
    const changes = await git(folder, ["status", "--porcelain", "--untracked-files=no"]);
    return commit === "" ? undefined : `${commit}${changes === "" ? "" : "-dirty"}`;
  } catch {
    return undefined;
  }
}

async function git(folder: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", ["-C", folder, ...args], { timeout: TIMEOUT_MS });
  return stdout.trim();
}
