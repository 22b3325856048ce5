import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { expectInPlace, pullArguments } from "./model-pulls.js";
import { createModelBytes, sha256, startModelServer, type ModelServerOptions } from "./model-server.js";
import { createTemporaryFolder, runCli, type CliResult } from "./run-cli.js";

const ODD_DISK = fileURLToPath(new URL("odd-disk.mjs", import.meta.url));

let bytes: Buffer;
beforeAll(async () => {
  bytes = await createModelBytes();
});

interface Pull {
  readonly folder: string;
  readonly result: CliResult;
  readonly requests: readonly string[];
}

/** Pulls a model called `tiny` from a server on loopback into a fresh folder. */
async function pull(flags: readonly string[] = [], options: ModelServerOptions = {}, content = bytes): Promise<Pull> {
  const { url, requests } = await startModelServer(content, options);
  const folder = createTemporaryFolder();
  return { folder, result: await runCli(pullArguments(url, folder, ...flags)), requests };
}

describe("a download that works", () => {
  test("puts the file in place and reports how it was checked", async () => {
    const { folder, result } = await pull(["--sha256", sha256(bytes).toUpperCase()]);
    expect(result.exitCode).toBe(0);
    expectInPlace(folder, bytes);
    expect(result.stdout.replaceAll(folder, "<folder>").replaceAll(/[0-9a-f]{64}/g, "<hash>")).toMatchInlineSnapshot(`
      "✓ <folder>/tiny.gguf is in place
        size    12.0 MiB, as announced by the server
        sha256  <hash>
                equals the one given with --sha256
        gguf    header read and file complete: 2 layers, vocabulary 290
      "
    `);
  });

  test("shows plain progress lines when stderr is not a terminal", async () => {
    const { result } = await pull();
    expect(result.stderr).toContain("downloading 12.0 MiB\n");
    expect(result.stderr).toMatch(/\n100 % of 12\.0 MiB\n$/);
    expect(result.stderr).not.toContain("\r");
  });

  test("reports when there was nothing to compare the hash with", async () => {
    const { result } = await pull();
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain(`sha256  ${sha256(bytes)}\n          not verified: pass --sha256`);
  });

  test("compares with the hash that the server reports in its redirect", async () => {
    const { folder, result } = await pull([], { linkedSha256: sha256(bytes) });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain("equals the one that the server reports");
    expectInPlace(folder, bytes);
  });

  test("--json prints one document on stdout, the progress stays on stderr", async () => {
    const { folder, result } = await pull(["--json"]);
    expect(JSON.parse(result.stdout)).toEqual({
      ...{ ok: true, name: "tiny", path: join(folder, "tiny.gguf"), status: "downloaded" },
      ...{ sizeBytes: bytes.length, sha256: sha256(bytes), sha256ComparedWith: "none", resumedBytes: 0 },
    });
    expect(result.stderr).toContain("downloading");
  });

  test.for<[string, ModelServerOptions]>([
    ["does not know HEAD", { headStatus: 405 }],
    ["offers no ranges", { withoutRanges: true }],
    ["cuts three connections in the middle", { cutCount: 3 }],
  ])("from a server that %s", async ([, options]) => {
    const { folder, result } = await pull([], options);
    expect(result).toMatchObject({ exitCode: 0 });
    expectInPlace(folder, bytes);
  });

  test.for<[string, Record<string, string>]>([
    ["takes few bytes at once", { ODD_DISK_BYTES: "1000" }],
    ["is slow with small writes", { ODD_DISK_MS: "500" }],
  ])("onto a disk that %s", async ([, env]) => {
    const { url } = await startModelServer(bytes);
    const folder = createTemporaryFolder();
    const result = await runCli(pullArguments(url, folder), { env: { ...env, NODE_OPTIONS: `--import=${ODD_DISK}` } });
    expect(result).toMatchObject({ exitCode: 0 });
    expectInPlace(folder, bytes);
  });

  test("a known model goes into the models folder under the name that TestModel looks for", async () => {
    const { url } = await startModelServer(bytes);
    const folder = createTemporaryFolder();
    const args = ["models", "pull", "qwen2.5-0.5b-instruct-q4_k_m", "--url", url];
    const { exitCode } = await runCli(args, { env: { INFERENCE_TESTKIT_MODELS: folder } });
    expect({ exitCode, files: readdirSync(folder) }).toEqual({
      exitCode: 0,
      files: ["Qwen2.5-0.5B-Instruct-Q4_K_M.gguf"],
    });
  });
});

describe("a file that already exists", () => {
  test("is checked without using the network", async () => {
    const { url, requests } = await startModelServer(bytes);
    const folder = createTemporaryFolder();
    writeFileSync(join(folder, "tiny.gguf"), bytes);
    const result = await runCli(pullArguments(url, folder, "--json", "--sha256", sha256(bytes)));
    expect(result.exitCode).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({ status: "already-there", sha256ComparedWith: "given" });
    expect(requests).toEqual([]);
  });

  test("is kept, and the command fails, if it is a different file", async () => {
    const folder = createTemporaryFolder();
    writeFileSync(join(folder, "tiny.gguf"), bytes);
    const { exitCode, stderr } = await runCli(pullArguments("http://127.0.0.1:1/", folder, "--sha256", "0".repeat(64)));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("already exists, but its SHA-256 is");
    expectInPlace(folder, bytes);
  });

  test("is rejected if it is not a GGUF file", async () => {
    const folder = createTemporaryFolder();
    writeFileSync(join(folder, "tiny.gguf"), "no model");
    const { exitCode, stderr } = await runCli(pullArguments("http://127.0.0.1:1/", folder));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("[MODEL_INVALID]");
  });
});

describe("a failed download exits with 1 within seconds and leaves no file that looks complete", () => {
  const wrongHash = "0123456789abcdef".repeat(4);

  test.for<[string, readonly string[], ModelServerOptions]>([
    ["--sha256", ["--sha256", wrongHash], {}],
    ["the server's hash", [], { linkedSha256: wrongHash }],
  ])("a hash other than %s", async ([, flags, options]) => {
    const { folder, result } = await pull(flags, options);
    expect({ exitCode: result.exitCode, files: readdirSync(folder) }).toEqual({ exitCode: 1, files: [] });
    expect(result.stderr).toContain(
      `[DOWNLOAD_FAILED] The download failed: the downloaded file is not the model: its SHA-256 is ${sha256(bytes)}, expected ${wrongHash}`,
    );
  });

  test("the downloaded file is not GGUF", async () => {
    const { folder, result } = await pull([], {}, Buffer.from("<html>Please log in</html>"));
    expect({ exitCode: result.exitCode, files: readdirSync(folder) }).toEqual({ exitCode: 1, files: [] });
    expect(result.stderr).toContain("it is not a usable GGUF file");
  });

  test.for([404, 401, 500, 302, 304])("HTTP status %i", async (getStatus) => {
    const { folder, result } = await pull([], { getStatus });
    expect({ exitCode: result.exitCode, files: readdirSync(folder) }).toEqual({ exitCode: 1, files: [] });
    expect(result.stderr).toContain(`[DOWNLOAD_FAILED] The download failed: HTTP status ${getStatus}`);
  });

  test("a server that does not report the size of the file", async () => {
    const { folder, result } = await pull([], { withoutLength: true, withoutRanges: true });
    expect({ exitCode: result.exitCode, files: readdirSync(folder) }).toEqual({ exitCode: 1, files: [] });
    expect(result.stderr).toContain("The download failed: the server does not report the size of the file");
  });

  test("the file changes on the server during the download", async () => {
    const options = { etag: '"version-1"', onBody: () => (options.etag = '"version-2"') };
    const { url } = await startModelServer(bytes, options);
    const folder = createTemporaryFolder();
    const { exitCode, stderr } = await runCli(pullArguments(url, folder));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("the file on the server changed in the meantime");
    expect(existsSync(join(folder, "tiny.gguf"))).toBe(false);
  });

  test("a server that breaks every connection", async () => {
    const { folder, result } = await pull([], { cutCount: Infinity }, bytes.subarray(0, 20_000));
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("[DOWNLOAD_FAILED]");
    expect(readdirSync(folder)).not.toContain("tiny.gguf");
  });

  test("nothing is listening at the address", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const folder = createTemporaryFolder();
    const { exitCode, stderr } = await runCli(pullArguments(`http://127.0.0.1:${port}/model.gguf`, folder));
    expect({ exitCode, files: readdirSync(folder) }).toEqual({ exitCode: 1, files: [] });
    expect(stderr).toContain("[DOWNLOAD_FAILED] The download failed: connection refused (ECONNREFUSED)");
    expect(stderr).toContain(`url: http://127.0.0.1:${port}/model.gguf`);
  });

  test("no data arrives: the command gives up after --stall-timeout and can be resumed", async () => {
    const { folder, result } = await pull(["--stall-timeout", "2"], { holdsAfterBytes: 0 });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("The download failed: no data for 2 s, after 0 B");
    expect(readdirSync(folder)).not.toContain("tiny.gguf");
  });

  test("the folder cannot be created", async () => {
    const { url } = await startModelServer(bytes);
    const folder = createTemporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const { exitCode, stderr } = await runCli(pullArguments(url, join(folder, "file", "models")));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("[DOWNLOAD_FAILED]");
  });

  test("--json also reports it on stdout", async () => {
    const { result } = await pull(["--json"], { getStatus: 404 });
    expect(JSON.parse(result.stdout)).toMatchObject({
      ok: false,
      error: { code: "DOWNLOAD_FAILED", details: { status: 404 } },
    });
  });
});

describe("invalid usage exits with 2", () => {
  test.for([
    { args: ["unknown"], says: "Expected the name of a model" },
    { args: ["synthetic"], says: "which is generated on this machine" },
    { args: ["tiny", "--url", "ftp://127.0.0.1/x"], says: "Expected `--url` to be an http or https address" },
    { args: ["../tiny", "--url", "http://127.0.0.1:1/x"], says: "Expected the name of a model" },
    { args: ["tiny", "--url", "http://127.0.0.1:1/m-00001-of-00003.gguf"], says: "a model in one file" },
  ])("$says", async ({ args, says }) => {
    const { exitCode, stderr } = await runCli(["models", "pull", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
  });
});
