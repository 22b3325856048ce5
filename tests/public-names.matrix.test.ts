import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createTemporaryFolder } from "./support/temporary-folder.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A library with two entry points that passes: `run` is taught, `Options` is in its signature, and its errors are exported. */
const LIBRARY: Readonly<Record<string, string>> = {
  "package.json": '{ "type": "module" }',
  "README.md": "Call `run()`.",
  "docs/guide.md": "Nothing more.",
  "packages/testkit/package.json": JSON.stringify({
    type: "module",
    exports: { ".": { types: "./dist/index.d.ts" }, "./more": { types: "./dist/more.d.ts" }, "./schema": "./s.json" },
  }),
  "packages/testkit/dist/index.d.ts":
    'export { run, type Options } from "./run.js";\nexport { TestkitError } from "./errors.js";',
  "packages/testkit/dist/more.d.ts": 'export { LateError } from "./errors.js";',
  "packages/testkit/dist/run.d.ts":
    "export interface Options { readonly inner: Inner }\nexport interface Inner { readonly depth: number }\n" +
    "export interface Unrelated { readonly a: 1 }\nexport declare function run(options: Options): void;\nexport declare function helper(): void;",
  "packages/testkit/dist/errors.d.ts":
    "export declare class TestkitError extends Error { readonly code: string; readonly hint: string }\n" +
    "declare const LateError_base: new () => { code: string; hint: string; name: string; message: string; stack?: string; cause?: unknown };\n" +
    "export declare class LateError extends LateError_base {}",
};

async function checkNames(changes: Record<string, string> = {}, ...flags: string[]) {
  await using folder = await createTemporaryFolder();
  for (const [path, text] of Object.entries({ ...LIBRARY, ...changes })) {
    const file = join(folder.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder.path, "node_modules"));
  return runCheck("--root", folder.path, ...flags);
}

function runCheck(...flags: string[]) {
  const script = join(ROOT, "scripts/public-names.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...flags], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const exporting = (names: string, more = ""): Record<string, string> => ({
  "packages/testkit/dist/index.d.ts": `export { ${names} } from "./run.js";\nexport { TestkitError } from "./errors.js";\n${more}`,
});

test("names that are taught or in a signature pass, by entry point", async () => {
  expect(await checkNames()).toEqual({
    status: 0,
    stderr: "",
    stdout: ". (3)\n  Options TestkitError run\n./more (1)\n  LateError\n4 public names, at most 160\n",
  });
  expect(await checkNames(exporting("run, type Options, type Inner"))).toMatchObject({ status: 0, stderr: "" });
});

test.for<[string, Record<string, string>, string[], RegExp]>([
  ["too many names", {}, ["--max", "3"], /^4 public names, at most 3/],
  ["a number that is none", {}, ["--max", "many"], /^--max: expected a whole number, got `many`/],
  ["a function that is not taught", exporting("run, helper"), [], /^`helper`: not in a guide/],
  ["a type that no taught name uses", exporting("run, type Unrelated"), [], /^`Unrelated`: not in a guide/],
  [
    "a word that only contains the name",
    { "README.md": "Call `rerun()`." },
    [],
    /^`Options`: .*\n`run`: not in a guide/,
  ],
  [
    "an error class without an export",
    { "packages/testkit/dist/more.d.ts": "export {};" },
    [],
    /^`LateError`: an error class that no entry point exports \(packages\/testkit\/dist\/errors\.d\.ts\)/,
  ],
  [
    "a library that has not been built",
    { "packages/testkit/package.json": '{ "exports": { ".": { "types": "./dist/none.d.ts" } } }' },
    [],
    /^packages\/testkit\/dist\/none\.d\.ts is missing: run `npm run build`/,
  ],
  [
    "a library without its base class of errors",
    { "packages/testkit/dist/index.d.ts": 'export { run } from "./run.js";' },
    [],
    /^`TestkitError`: no entry point exports it/,
  ],
])("%s fails", async ([, changes, flags, message]) => {
  const { status, stderr } = await checkNames(changes, ...flags);
  expect(stderr).toMatch(message);
  expect(status).toBe(1);
});
