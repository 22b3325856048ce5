import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { choosePlatformPackages, type EngineBackend } from "../../../src/cli/engine/platform-packages.js";
import { createTemporaryFolder, runCli } from "../run-cli.js";

/** What the installed node-llama-cpp offers. */
const entry = createRequire(import.meta.url).resolve("node-llama-cpp");
const manifest = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8")) as {
  version: string;
  optionalDependencies: Record<string, string>;
};

const choose = (backend: EngineBackend | undefined, platform: string, arch: string) => {
  const chosen = choosePlatformPackages(manifest.optionalDependencies, backend, { platform, arch });
  return [chosen.backend, ...chosen.packages.map((name) => name.replace("@node-llama-cpp/", ""))];
};
const at = manifest.version;

describe("the packages of a back end", () => {
  test.each<[EngineBackend | undefined, string, string, string[]]>([
    [undefined, "linux", "x64", ["cpu", `linux-x64@${at}`]],
    ["cpu", "linux", "arm64", ["cpu", `linux-arm64@${at}`]],
    ["cuda", "linux", "x64", ["cuda", `linux-x64@${at}`, `linux-x64-cuda@${at}`, `linux-x64-cuda-ext@${at}`]],
    ["vulkan", "linux", "x64", ["vulkan", `linux-x64@${at}`, `linux-x64-vulkan@${at}`]],
    [undefined, "darwin", "arm64", ["metal", `mac-arm64-metal@${at}`]],
    [undefined, "darwin", "x64", ["cpu", `mac-x64@${at}`]],
  ])("%s on %s %s", (...[backend, platform, arch, expected]) => {
    expect(choose(backend, platform, arch)).toEqual(expected);
  });

  test.each<[EngineBackend | undefined, string, string, string]>([
    ["metal", "linux", "x64", "Expected the back end to be cpu, cuda or vulkan, got `metal` on linux x64"],
    ["cpu", "darwin", "arm64", "Expected the back end to be metal, got `cpu` on darwin arm64"],
    [undefined, "freebsd", "x64", "Expected a machine that node-llama-cpp has libraries for, got freebsd x64"],
  ])("%s on %s %s is refused", (...[backend, platform, arch, message]) => {
    expect(() => choose(backend, platform, arch)).toThrow(message);
  });
});

describe("inference-testkit engine install", () => {
  test("refuses a back end that does not exist before it starts npm", async () => {
    const { exitCode, stderr } = await runCli(["engine", "install", "rocm"], { env: { PATH: "" } });
    expect(stderr).toContain("Expected the back end to be one of cpu, cuda, vulkan, metal, got `rocm`");
    expect(exitCode).toBe(2);
  });

  test("reports a machine without npm and a failure of npm, and leaves what was installed before", async () => {
    const cache = createTemporaryFolder();
    const kept = join(cache, "engine", "kept");
    mkdirSync(kept, { recursive: true });
    mkdirSync(join(cache, "engine.new", "half"), { recursive: true }); // of an installation that was interrupted
    const folder = createTemporaryFolder();
    const env = { INFERENCE_TESTKIT_CACHE: cache, PATH: folder };

    const missing = await runCli(["engine", "install", "cpu"], { env });
    expect(missing.stderr).toContain("[DOWNLOAD_FAILED] The llama engine was not installed: npm could not be started");
    expect(missing.exitCode).toBe(1);

    writeFileSync(join(folder, "npm"), "#!/bin/sh\necho 'npm error E404' >&2\nexit 7\n", { mode: 0o755 });
    const failing = await runCli(["engine", "install", "cpu", "--json"], { env });
    expect(failing.stderr).toContain("npm error E404");
    expect(JSON.parse(failing.stdout)).toMatchObject({
      ok: false,
      error: { code: "DOWNLOAD_FAILED", message: expect.stringContaining("npm ended with code 7") as string },
    });
    expect(readdirSync(cache)).toEqual(["engine"]);
    expect(existsSync(kept)).toBe(true);
  });
});
