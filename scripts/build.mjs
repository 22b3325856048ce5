// Builds every package. Called by `npm ci` (through `prepare`), by `npm test` and by hand.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** Other projects' code that becomes part of the worker's bundle, and whose licences go with it. */
const BUNDLED = {
  valibot: "LICENSE.md",
  "lossless-json": "LICENSE.md",
  "@valibot/to-json-schema": "LICENSE.md",
  "@huggingface/jinja": "LICENSE",
};
/** The pages of reports: the entry, the styles after one another, and others' code in the script. */
const PAGES = {
  run: {
    entry: "main.ts",
    styles: ["node_modules/uplot/dist/uPlot.min.css", "packages/report-page/src/page.css"],
    bundled: { uplot: "LICENSE" },
  },
  conformance: {
    entry: "conformance/main.ts",
    styles: ["packages/report-page/src/page.css", "packages/report-page/src/conformance/conformance.css"],
    bundled: { "eventsource-parser": "LICENSE" },
  },
};

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const built = spawnSync(process.execPath, [tsc, "-b", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exitCode = built.status ?? 1;
if (built.status === 0) {
  rmSync(`${root}packages/testkit/dist/report-page`, { recursive: true, force: true });
  await Promise.all([bundleWorker(), ...Object.keys(PAGES).map((page) => bundlePage(page))]);
}

/** Joins the worker's modules into a few files: loading sixty small ones took 40 of the 50 ms after Node had booted. */
async function bundleWorker() {
  const bundle = await rolldown({
    input: `${root}packages/worker/dist/cli/main.js`,
    platform: "node",
    external: ["node-llama-cpp"],
    // What a dialect shares with the program stays in its one file: a start loads nothing else.
    preserveEntrySignatures: "allow-extension",
    logLevel: "warn",
  });
  const dir = `${root}packages/worker/dist/bundle`;
  rmSync(dir, { recursive: true, force: true });
  await bundle.write({ dir, format: "esm", sourcemap: true, chunkFileNames: "[name].js" });
  await bundle.close();
  writeFileSync(`${dir}/THIRD-PARTY-LICENSES.txt`, collectLicenses(BUNDLED));
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
