import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findStale, hashInputs, removeStamp, writeStamp } from "../scripts/build-inputs.mjs";

const SOURCE = "packages/protocol/src/events/index.ts";
const FILES = [
  ...["package-lock.json", "tsconfig.base.json", "tsconfig.json", "scripts/build.mjs", SOURCE],
  ...["protocol", "control"].flatMap((name) => [`packages/${name}/package.json`, `packages/${name}/dist/index.js`]),
  ...["testkit", "worker"].map((name) => `packages/${name}/dist/bundle/main.js`),
  ...[
    "packages/testkit/dist/index.js",
    "packages/testkit/dist/report-page/page.js",
    "packages/protocol/test/any.test.ts",
  ],
];

/** A repository that was just built. */
function createBuilt() {
  const root = `${mkdtempSync(join(tmpdir(), "build-inputs-"))}/`;
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (file: string, content = file) => {
    mkdirSync(dirname(root + file), { recursive: true });
    writeFileSync(root + file, content);
  };
  for (const file of FILES) write(file);
  writeStamp(root, hashInputs(root));
  return { root, write };
}

test("a build is up to date as long as no source changes, whatever the times of the files are", () => {
  const { root, write } = createBuilt();
  expect(findStale(root)).toBeUndefined();

  for (const file of FILES) utimesSync(root + file, new Date(), new Date(Date.now() + 60_000));
  write("packages/protocol/test/any.test.ts", "changed");
  write("packages/protocol/dist/index.js", "built by tsc alone");
  write("README.md");

  expect(findStale(root)).toBeUndefined();
});

test.each<[string, (built: ReturnType<typeof createBuilt>) => void]>([
  ["a changed source", ({ write }) => write(SOURCE, "changed")],
  ["a new source", ({ write }) => write("packages/protocol/src/new.ts", "")],
  ["a source that was deleted", ({ root }) => rmSync(root + SOURCE)],
  ["a source that was renamed", ({ root }) => renameSync(root + SOURCE, `${root}packages/protocol/src/other.ts`)],
  ["a new package", ({ write }) => write("packages/new/src/index.ts")],
  ["settings of a package", ({ write }) => write("packages/control/package.json", "{}")],
  ["other dependencies", ({ write }) => write("package-lock.json", "{}")],
  ["another way to build", ({ write }) => write("scripts/build.mjs", "")],
])("%s makes the build stale, until the change is undone", (_, change) => {
  const built = createBuilt();
  change(built);
  expect(findStale(built.root)).toBe("the sources have changed since");

  rmSync(`${built.root}packages`, { recursive: true });
  for (const file of FILES) built.write(file);
  expect(findStale(built.root)).toBeUndefined();
});

test("modules that were compiled from other sources since are stale, even if the sources are back", () => {
  const { root, write } = createBuilt();
  write("packages/control/dist/.tsbuildinfo", "of other sources");

  expect(findStale(root)).toBe("other sources were compiled since");
});

test("a build that has begun is stale until it has succeeded", () => {
  const { root } = createBuilt();
  const inputs = hashInputs(root);
  removeStamp(root);
  expect(findStale(root)).toBe("it was not built with `npm run build`");

  writeStamp(root, inputs);
  expect(findStale(root)).toBeUndefined();
});

test("what was never built, or is gone, is stale", () => {
  const { root } = createBuilt();
  rmSync(`${root}packages/testkit/dist/bundle`, { recursive: true });
  expect(findStale(root)).toBe("packages/testkit/dist/bundle/main.js is missing");

  const other = createBuilt().root;
  rmSync(`${other}dist`, { recursive: true });
  expect(findStale(other)).toBe("it was not built with `npm run build`");
});
