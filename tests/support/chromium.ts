import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { chromium, type BrowserContext } from "playwright-core";

/** A browser starts in a second; on a machine with a load of 15 it took half a minute. */
export const BROWSER_STARTS_WITHIN_MS = 120_000;
const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** The browser of this machine: CHROMIUM, else the first of the usual names in PATH. */
export function findChromium(): string | undefined {
  const given = process.env["CHROMIUM"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...(given === undefined ? [] : [given]), ...NAMES]
    .flatMap((name) => (isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name))))
    .find((path) => isExecutable(path));
}

/**
 * A browser with its own profile; leaving the scope ends all its processes and removes the profile.
 *
 * @param flags go to the browser beside the usual ones.
 */
export async function openChromium(
  executablePath: string,
  flags: readonly string[] = [],
): Promise<AsyncDisposable & { readonly context: BrowserContext }> {
  const profile = await mkdtemp(join(tmpdir(), "inference-testkit-chromium-"));
  const remove = () => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      args: [...FLAGS, ...flags],
      acceptDownloads: false,
      timeout: BROWSER_STARTS_WITHIN_MS,
    });
    return {
      context,
      [Symbol.asyncDispose]: async () => {
        await context.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
