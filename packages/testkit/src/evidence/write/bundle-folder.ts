import { constants } from "node:fs";
import { access, lstat, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { EvidenceError, InvalidOptionError } from "../../errors/index.js";
import { makeFolder } from "../../system/index.js";
import { FILES } from "../format.js";

/** Folders of recordings that have not been written yet: two in one folder would garble each other. */
const taken = new Set<string>();

/** A folder prepared for a bundle. */
export interface TakenFolder {
  /** The topmost folder that had to be created; `undefined` if all existed. */
  readonly made: string | undefined;
  /** Identifies the folder, even if its path later points elsewhere. */
  readonly identity: string;
}

/** Bundles contain prompts and logs, so only their owner may read them. An existing folder keeps its mode. */
const FOLDER_MODE = 0o700;

/**
 * Prepares a folder for a bundle; an earlier bundle in it is removed, other files are left alone.
 *
 * @throws {INVALID_OPTION} another recording of this process uses it. @throws {EVIDENCE_FAILED} it cannot be created or
 * written.
 */
export async function takeFolder(folder: string): Promise<TakenFolder> {
  const path = resolve(folder);
  if (taken.has(path)) {
    throw new InvalidOptionError({
      message: `Expected \`folder\` not to be used by another recording, got \`${folder}\``,
    });
  }
  taken.add(path);
  try {
    const made = await makeFolder(path, FOLDER_MODE);
    await access(path, constants.W_OK);
    const identity = await identify(path);
    await removeBundle(path);
    return { made, identity };
  } catch (cause) {
    taken.delete(path);
    throw createFailed(folder, cause);
  }
}

/** Checks that the folder was not replaced by another one, or by a link. @throws if it was. */
export async function checkFolder(folder: string, { identity }: TakenFolder): Promise<void> {
  if ((await identify(resolve(folder))) !== identity) throw new Error("it was replaced while the worker was recorded");
}

/** @throws for a link: a link planted at the folder's path must not lead elsewhere. */
async function identify(path: string): Promise<string> {
  const stat = await lstat(path, { bigint: true });
  if (stat.isSymbolicLink()) throw new Error("it is a symbolic link; name the folder that it leads to");
  return `${stat.dev}:${stat.ino}`;
}

/** Another recording may use it from now on. */
export function giveFolderBack(folder: string): void {
  taken.delete(resolve(folder));
}

/** Removes a folder that nothing was written to, and the parents created for it; a non-empty folder is kept. */
export async function dropFolder(folder: string, { made }: Pick<TakenFolder, "made">): Promise<void> {
  const path = resolve(folder);
  const last = made ?? path;
  try {
    for (let each = path; each.length >= last.length; each = dirname(each)) await rmdir(each);
  } catch {
    return; // it contains other files, or another recording uses it
  }
}

/** The error for a bundle that cannot be written. @param testError the error of the test, if known. */
export function createFailed(folder: string, cause: unknown, testError?: unknown): EvidenceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const first = testError instanceof Error ? testError.message.split("\n", 1)[0] : undefined;
  const message = `the evidence in ${folder} cannot be written: ${reason}`;
  return new EvidenceError("EVIDENCE_FAILED", { message, details: { folder, testFailedWith: first }, cause });
}

/** `metadata.json` is removed first: without it, a partly deleted bundle is not mistaken for a bundle. */
async function removeBundle(path: string): Promise<void> {
  for (const name of Object.values(FILES)) await rm(join(path, name), { force: true });
}
