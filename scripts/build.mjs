// Builds every package. Called by `npm ci` (through `prepare`), by `npm test` and by hand.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { hashInputs, removeStamp, writeStamp } from "./build-inputs.mjs";

/**
 * The programs, each joined into a few files: loading sixty small modules took 40 of the 50 ms in which the worker starts, loading three hundred
 * 200 of the 300 ms of the command line. `bundled`: other projects' code that becomes part of it, and whose licences go with it.
 */
const PROGRAMS = [
  {
    folder: "worker",
    entries: ["cli/main"],
    external: ["node-llama-cpp"],
    bundled: {
      valibot: "LICENSE.md",
      "lossless-json": "LICENSE.md",
      "@valibot/to-json-schema": "LICENSE.md",
      "@huggingface/jinja": "LICENSE",
    },
  },
  {
    folder: "testkit",
    entries: ["cli/main", "cli/live/live-thread", "load/run/client-thread"],
    external: [
      "@huggingface/gguf",
      "commander",
      "eventsource-parser",
      "hdr-histogram-js",
      "undici",
      /^@opentelemetry\//,
    ],
    bundled: { valibot: "LICENSE.md", "lossless-json": "LICENSE.md" },
  },
];
/** The pages of reports: the entry, the styles after one another, and others' code in the script. */
const PAGES = {
  run: {
    entry: "main.ts",
    styles: ["node_modules/uplot/dist/uPlot.min.css", "packages/report-page/src/page.css"],
    bundled: { uplot: "LICENSE" },
  },
  comparison: {
    entry: "comparison/main.ts",
    styles: ["node_modules/uplot/dist/uPlot.min.css", "packages/report-page/src/page.css"],
    bundled: { uplot: "LICENSE" },
  },
  conformance: {
    entry: "conformance/main.ts",
    styles: ["packages/report-page/src/page.css", "packages/report-page/src/conformance/conformance.css"],
    bundled: { "eventsource-parser": "LICENSE" },
  },
  evidence: {
    entry: "evidence/main.ts",
    styles: [
      "packages/report-page/src/page.css",
      "packages/report-page/src/conformance/conformance.css",
      "packages/report-page/src/evidence/evidence.css",
    ],
    bundled: {},
  },
};

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const inputs = hashInputs(root);
removeStamp(root);
const built = spawnSync(process.execPath, [tsc, "-b", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exitCode = built.status ?? 1;
if (built.status === 0) {
  rmSync(`${root}packages/testkit/dist/report-page`, { recursive: true, force: true });
  await Promise.all([
    ...PROGRAMS.map((program) => bundleProgram(program)),
    ...Object.keys(PAGES).map((page) => bundlePage(page)),
  ]);
  writeStamp(root, inputs);
}

/** Joins the modules of a program. Code of others is an error unless it stays outside or its licence goes with the bundle. */
async function bundleProgram({ folder, entries, external, bundled }) {
  const dist = `${root}packages/${folder}/dist`;
  const bundle = await rolldown({
    input: entries.map((entry) => `${dist}/${entry}.js`),
    platform: "node",
    external,
    // What a dialect shares with the program stays in its one file: a start loads nothing else.
    preserveEntrySignatures: "allow-extension",
    logLevel: "warn",
  });
  const dir = `${dist}/bundle`;
  rmSync(dir, { recursive: true, force: true });
  const { output } = await bundle.write({ dir, format: "esm", sourcemap: true, chunkFileNames: "[name].js" });
  await bundle.close();
  refuseUnlicensed(folder, output, bundled);
  writeFileSync(`${dir}/THIRD-PARTY-LICENSES.txt`, collectLicenses(bundled));
}

function refuseUnlicensed(folder, output, bundled) {
  const foreign = output.flatMap(({ moduleIds = [] }) => moduleIds).filter((id) => id.includes("/node_modules/"));
  const names = new Set(foreign.map((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)[1]));
  const unnamed = [...names].filter((name) => !(name in bundled));
  if (unnamed.length > 0) throw new Error(`the bundle of ${folder} contains ${unnamed.join(", ")} without a licence`);
}

/**
 * Joins the script and the styles of one page of `packages/report-page`: every report has them inlined. A warning is an error: the script would
 * import something at run time that a browser does not have. Modules are left out if a page uses nothing of them.
 */
async function bundlePage(page) {
  const { entry, styles, bundled } = PAGES[page];
  const dir = `${root}packages/testkit/dist/report-page/${page}`;
  const bundle = await rolldown({
    input: `${root}packages/report-page/src/${entry}`,
    platform: "browser",
    treeshake: { moduleSideEffects: false },
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    onLog: (level, log) => {
      if (level === "warn") throw new Error(`the page of ${page}: ${log.message}`);
    },
  });
  await bundle.write({ file: `${dir}/page.js`, format: "iife", minify: true });
  await bundle.close();
  writeFileSync(`${dir}/page.css`, styles.map((file) => readFileSync(root + file, "utf8").trim()).join("\n"));
  writeFileSync(`${dir}/THIRD-PARTY-LICENSES.txt`, collectLicenses(bundled));
}

function collectLicenses(packages) {
  return Object.entries(packages)
    .map(([name, file]) => `${name}\n\n${readFileSync(`${root}node_modules/${name}/${file}`, "utf8").trim()}\n`)
    .join("\n\n");
}
