// Tests the Python package: installs it into an environment in the user's cache folder, checks its types and runs its tests. Skips, with the
// reason, where Python or pip is missing. The last line is "N passed, N failed, N skipped".
import { spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const PYTHON = process.env.PYTHON || "python3";
const TOOLS = ["pytest==9.*", "mypy==2.*", "typing_extensions==4.*", "setuptools>=68", "wheel"];
const SKIPS = { passed: 0, failed: 0, skipped: 1 };
const RUN_MARK = "INFERENCE_TESTKIT_TEST_RUN";

const scratch = mkdtempSync(join(tmpdir(), "inference-testkit-python-"));
try {
  process.exitCode = finish(main());
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function main() {
  const { version, reason } = findVersion();
  if (version === undefined) return { ...SKIPS, reason };
  const { folder, reason: missing } = prepare(version);
  if (folder === undefined) return { ...SKIPS, reason: missing };
  const python = join(folder, "bin", "python");
  if (!installPackage(python)) return { passed: 0, failed: 1, skipped: 0 };
  const typed = run(python, ["-m", "mypy", "--cache-dir", join(folder, "mypy-cache")], { cwd: join(root, "python") });
  const counts = runTests(python);
  return typed ? counts : { ...counts, failed: counts.failed + 1 };
}

function finish({ passed, failed, skipped, reason }) {
  if (reason !== undefined) console.log(`The tests of the Python package are skipped: ${reason}`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 ? 1 : 0;
}

/** The version, or the reason why there is none. */
function findVersion() {
  const asked = spawnSync(PYTHON, ["-c", "import sys; print(*sys.version_info[:2])"], { encoding: "utf8" });
  if (asked.status !== 0) return { reason: `${PYTHON} cannot be run` };
  const [major, minor] = asked.stdout.trim().split(" ").map(Number);
  const version = `${major}.${minor}`;
  const isNew = major > 3 || (major === 3 && minor >= 10);
  return isNew ? { version } : { reason: `they need Python 3.10 or later, and ${PYTHON} is ${version}` };
}

/** The folder of an environment with the tools, or the reason why there is none. */
function prepare(version) {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "inference-testkit");
  const hash = createHash("sha256").update(TOOLS.join(" ")).digest("hex").slice(0, 8);
  const folder = join(cache, `python-${version}-${hash}`);
  const complete = join(folder, "complete");
  if (existsSync(complete)) return { folder };
  rmSync(folder, { recursive: true, force: true });
  if (!run(PYTHON, ["-m", "venv", folder])) return { reason: `${PYTHON} -m venv failed: is pip installed?` };
  const isInstalled = run(join(folder, "bin", "python"), [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    ...TOOLS,
  ]);
  if (!isInstalled) return { reason: `pip could not install ${TOOLS.join(", ")}` };
  writeFileSync(complete, "");
  return { folder };
}

/** From a copy, because a build leaves files beside the sources. */
function installPackage(python) {
  const copy = join(scratch, "package");
  cpSync(join(root, "python"), copy, { recursive: true });
  const flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--force-reinstall"];
  return run(python, ["-m", "pip", "install", ...flags, copy]);
}

function runTests(python) {
  const junit = join(scratch, "junit.xml");
  const mark = randomUUID();
  const args = [
    "-m",
    "pytest",
    "-q",
    "-rs",
    "-p",
    "no:cacheprovider",
    `--junitxml=${junit}`,
    `--basetemp=${join(scratch, "tests")}`,
  ];
  const env = { ...process.env, [RUN_MARK]: mark, PYTHONDONTWRITEBYTECODE: "1" };
  const isGreen = run(python, [...args, ...process.argv.slice(2)], { cwd: join(root, "python"), env });
  const counts = existsSync(junit) ? count(readFileSync(junit, "utf8")) : { passed: 0, failed: 1, skipped: 0 };
  const left = findProcesses(`${RUN_MARK}=${mark}`);
  for (const one of left) console.error(`The tests leave a process behind: ${one}`);
  const isWrong = left.length > 0 || (!isGreen && counts.failed === 0) || counts.passed === 0;
  return isWrong ? { ...counts, failed: counts.failed + 1 } : counts;
}

function count(xml) {
  const number = (name) => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  return { passed: number("tests") - failed - number("skipped"), failed, skipped: number("skipped") };
}

/** Processes that are still ending get five seconds. */
function findProcesses(text) {
  if (!existsSync("/proc/self/environ")) return [];
  const deadline = Date.now() + 5_000;
  for (;;) {
    const found = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && read(name, "environ").includes(text));
    if (found.length === 0 || Date.now() > deadline) return found.map((pid) => `${pid} ${read(pid, "cmdline")}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // gone, or another user's
  }
}

function run(program, args, options = {}) {
  return spawnSync(program, args, { stdio: "inherit", ...options }).status === 0;
}
