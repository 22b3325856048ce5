// `npm run pack`: packs the packages into `dist-packages/`, checks them with publint, and prints how to install them.
// As a module: `packAll(folder)` gives back the paths by the name of the package.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["protocol", "control", "worker", "testkit"].map((name) => join(root, "packages", name));

/** Packs what was built. @returns the tarballs, by the names of their packages. */
export function packAll(target) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  return Object.fromEntries(
    FOLDERS.map((folder) => {
      execFileSync("npx", ["--no-install", "publint", "--strict", folder], { cwd: root, stdio: "inherit" });
      const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", target];
      const [{ filename }] = JSON.parse(execFileSync("npm", args, { cwd: folder, encoding: "utf8" }));
      return [JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).name, join(target, filename)];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const tarballs = Object.values(packAll(join(root, "dist-packages")));
  console.log(
    `install them with: npm install --save-dev ${tarballs.map((path) => relative(process.cwd(), path)).join(" ")}`,
  );
}
