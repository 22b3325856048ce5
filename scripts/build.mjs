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
/** The same for the script of the report's page. */
const BUNDLED_IN_PAGE = { uplot: "LICENSE" };

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const built = spawnSync(process.execPath, [tsc, "-b", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exitCode = built.status ?? 1;
if (built.status === 0) await Promise.all([bundleWorker(), bundleReportPage()]);

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
 * Joins the script and the style of `packages/report-page`: every report has them inlined. A warning is an error: the script would import something
 * at run time that a browser does not have.
 */
async function bundleReportPage() {
  const source = `${root}packages/report-page/src`;
  const dir = `${root}packages/testkit/dist/report-page`;
  const bundle = await rolldown({
    input: `${source}/main.ts`,
    platform: "browser",
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    onLog: (level, log) => {
      if (level === "warn") throw new Error(`the report's page: ${log.message}`);
    },
  });
  await bundle.write({ file: `${dir}/page.js`, format: "iife", minify: true });
  await bundle.close();
  const styles = [`${root}node_modules/uplot/dist/uPlot.min.css`, `${source}/page.css`];
  writeFileSync(`${dir}/page.css`, styles.map((file) => readFileSync(file, "utf8").trim()).join("\n"));
  writeFileSync(`${dir}/THIRD-PARTY-LICENSES.txt`, collectLicenses(BUNDLED_IN_PAGE));
}

function collectLicenses(packages) {
  return Object.entries(packages)
    .map(([name, file]) => `${name}\n\n${readFileSync(`${root}node_modules/${name}/${file}`, "utf8").trim()}\n`)
    .join("\n\n");
}
