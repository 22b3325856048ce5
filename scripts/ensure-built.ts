import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findStale } from "./build-inputs.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** For tests of sources that do not compile yet. Programs that a test starts, and the packages by name, are then those of the last build. */
const SKIP = "INFERENCE_TESTKIT_STALE_BUILD";

/**
 * Builds what has changed since the last build: many tests start the built programs or import the built packages, and would otherwise
 * pass or fail by old code.
 *
 * @throws the build failed.
 */
export function ensureBuilt(): void {
  const reason = findStale(ROOT);
  if (reason === undefined) return;
  if (process.env[SKIP] === "use") {
    console.warn(
      `The build is out of date (${reason}): tests that start a program or import a package by name test old code.`,
    );
    return;
  }
  console.log(`Building, because the build is out of date: ${reason} …`);
  const { status } = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: ROOT, stdio: "inherit" });
  if (status === 0) return;
  throw new Error(
    `The build is out of date (${reason}), and building failed: see above. Set ${SKIP}=use to run tests that need only the sources.`,
  );
}
