// `npm run test:getting-started`: does what docs/getting-started.md says, word by word, in empty folders: with npm, pnpm and yarn, and checks
// the types of the first test with each TypeScript from 5.2 on. The packages of this project come from tarballs, because they are not
// published yet. (`npm install --omit=optional` is in scripts/pack-test.mjs: without optional packages, Vitest itself does not start.)
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packAll } from "./pack.mjs";

const TYPESCRIPTS = ["5.2.2", "5.5.4", "5.9.3", "6.0.3", "7.0.2"];
const GUIDE = readFileSync(new URL("../docs/getting-started.md", import.meta.url), "utf8");
/** Names that npm would look up in its registry. */
const OWN = "inference-testkit";

const scratch = mkdtempSync(join(tmpdir(), "inference-testkit-getting-started-"));
let failedCount = 0;
try {
  const tarballs = packAll(join(scratch, "packed"));
  const everything = Object.values(tarballs).join(" ");
  const files = Object.fromEntries(Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]));
  const npm = readBlock("sh", "npm install --save-dev inference-testkit").replace(OWN, everything);
  const withNpm = attempt("npm", () => follow(npm, {}));
  attempt("pnpm", () => follow(addWith("npx -y pnpm@10 add --save-dev", tarballs), { pnpm: { overrides: files } }));
  attempt("yarn", () => follow(addWith("npx -y yarn@1 add --dev", tarballs), { resolutions: files }));
  for (const version of TYPESCRIPTS) attempt(`TypeScript ${version}`, () => checkTypes(withNpm, version));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(
  failedCount === 0 ? "getting started: everything works as written" : `getting started: ${failedCount} ways fail`,
);
process.exitCode = failedCount === 0 ? 0 : 1;

/** The block of code in a language that has these words. */
function readBlock(language, words) {
  const blocks = [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text);
  const found = blocks.find((text) => text.includes(words));
  if (found === undefined) throw new Error(`docs/getting-started.md has no block of ${language} with: ${words}`);
  return found;
}

function addWith(command, tarballs) {
  return `npm init -y\nnpm pkg set type=module\n${command} file:${tarballs[OWN]} vitest@4`;
}

/** Runs the commands in an empty folder, and then the first test. @returns the folder. */
function follow(commands, settings) {
  const folder = mkdtempSync(join(scratch, "project-"));
  for (const command of commands.trim().split("\n")) {
    run("sh", ["-c", command], folder);
    if (command.startsWith("npm pkg")) addSettings(folder, settings);
  }
  writeFileSync(join(folder, "first.test.ts"), readBlock("ts", "startMock()"));
  run("npx", ["--no-install", "vitest", "run"], folder);
  return folder;
}

function addSettings(folder, settings) {
  const path = join(folder, "package.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...settings }));
}

/** Checks the first test as a user's editor does; the declarations of this project too, those of others not. */
function checkTypes(project, version) {
  const folder = join(scratch, `typescript-${version}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), "{}");
  run("npm", ["install", "--no-audit", "--no-fund", `typescript@${version}`], folder);
  const compilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: true, module: "nodenext", target: "es2022" },
    ...{
      lib: ["es2023", "esnext.disposable"],
      types: ["node"],
      typeRoots: [fileURLToPath(new URL("../node_modules/@types", import.meta.url))],
    },
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["first.test.ts"] }));
  run(process.execPath, [join(folder, "node_modules/typescript/bin/tsc"), "-p", "."], project);
}

function attempt(name, work) {
  try {
    const result = work();
    console.log(`${name}: ok`);
    return result;
  } catch (error) {
    failedCount += 1;
    console.error(`${name}: ${error.message}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
    return undefined;
  }
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: 300_000 });
}
