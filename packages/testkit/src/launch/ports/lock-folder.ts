import { accessSync, constants, lstatSync, mkdirSync, type Stats } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { TestkitError } from "../../errors/index.js";
import { makeFolder } from "../../system/index.js";

const OWNER_ONLY = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
/** How messages call what is locked. */
const NAMES = {
  ports: { plural: "reserved ports", subject: "Reserved ports", one: "port" },
  gpus: { plural: "shares of GPUs", subject: "Shares of GPUs", one: "memory" },
};

/** What is locked. */
export type LockKind = "ports" | "gpus";

/**
 * The folder for the locks of this user: in the system's temporary folder, which all processes of the user share, else in the
 * user's cache folder. In a world-writable temporary folder anyone can create a folder or link of that name first: it is then not used,
 * and one warning names it.
 *
 * @throws {PORT_UNAVAILABLE} neither can be used; the message has the reasons.
 */
export async function openLockFolder(kind: LockKind): Promise<string> {
  const refused: string[] = [];
  for (const path of listCandidates(kind)) {
    const problem = await findProblem(path);
    if (problem === undefined) {
      for (const reason of refused) warnOnce(kind, reason, path);
      return path;
    }
    refused.push(`${path} ${problem}`);
  }
  throw new TestkitError("PORT_UNAVAILABLE", {
    message: `No folder can hold the locks of ${NAMES[kind].plural}: ${refused.join("; ")}`,
    hint: "Remove the folder that is named first, or set TMPDIR to a folder that only this user may write.",
    details: { folders: listCandidates(kind) },
  });
}

function listCandidates(kind: LockKind): readonly string[] {
  const { INFERENCE_TESTKIT_CACHE: own = "", XDG_CACHE_HOME: xdg = "" } = process.env;
  const cache = own === "" ? join(isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "inference-testkit") : own;
  return [join(tmpdir(), `inference-testkit-${kind}-${process.geteuid?.() ?? "user"}`), join(cache, kind)];
}

/** Creates the folder if needed; returns why it cannot be trusted or used. */
async function findProblem(path: string): Promise<string | undefined> {
  try {
    await makeOwn(path);
    const problem = findDistrust(lstatSync(path));
    if (problem === undefined) accessSync(path, constants.W_OK | constants.X_OK);
    return problem;
  } catch (error) {
    return `cannot be used: ${(error as Error).message}`;
  }
}

async function makeOwn(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  await makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: OWNER_ONLY });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process created it first
  }
}

function findDistrust(found: Stats): string | undefined {
  const ownId = process.geteuid?.();
  if (found.isSymbolicLink()) return "is a symbolic link";
  if (!found.isDirectory()) return "is not a folder";
  if (ownId !== undefined && found.uid !== ownId) return `belongs to user ${found.uid}, not to user ${ownId}`;
  const mode = (found.mode & 0o777).toString(8);
  return (found.mode & WRITABLE_BY_OTHERS) === 0 ? undefined : `can be written by other users (mode ${mode})`;
}

const warned = new Set<string>();

function warnOnce(kind: LockKind, reason: string, used: string): void {
  if (warned.has(reason)) return;
  warned.add(reason);
  const { subject, one } = NAMES[kind];
  process.emitWarning(`${subject} are locked in ${used}, because ${reason}`, {
    type: "InferenceTestkitWarning",
    code: "LOCK_FOLDER_REFUSED",
    detail: `Processes that use another folder may get the same ${one}. Remove the rejected folder.`,
  });
}
