import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { downloads, expectInPlace, pullArguments } from "./model-pulls.js";
import { createModelBytes, sha256, startModelServer, type ModelServerOptions } from "./model-server.js";
import { createTemporaryFolder, runCli, startCli, waitUntil } from "./run-cli.js";

let bytes: Buffer;
beforeAll(async () => {
  bytes = await createModelBytes();
});

describe("resume", () => {
  const HELD_BYTES = 5_200_000;

  /** Starts a pull from a server that stops in the middle, and kills it there. */
  async function interrupt(folder: string, options: ModelServerOptions = {}): Promise<void> {
    const slow = await startModelServer(bytes, { ...options, holdsAfterBytes: HELD_BYTES });
    const run = startCli(pullArguments(slow.url, folder));
    await waitUntil(() => partSizes(folder).includes(HELD_BYTES));
    run.kill("SIGKILL");
    await run.finished;
    await slow.stop();
  }

  function partSizes(folder: string): number[] {
    const names = readdirSync(folder).filter((name) => name.endsWith(".part"));
    return names.map((name) => statSync(join(folder, name)).size);
  }

  test("a killed download resumes where it stopped", async () => {
    const folder = createTemporaryFolder();
    await interrupt(folder);

    const { url, requests } = await startModelServer(bytes);
    const result = await runCli(pullArguments(url, folder, "--json"));
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain("resuming after 5.0 MiB of 12.0 MiB\n");
    expect(JSON.parse(result.stdout)).toMatchObject({ resumedBytes: HELD_BYTES });
    expect(downloads(requests)).toEqual([`bytes=${HELD_BYTES}-`]);
    expectInPlace(folder, bytes);
  });

  test.for<[string, ModelServerOptions]>([
    ["the file on the server is another one", { etag: '"version-2"' }],
    ["the server does not name the version of its file", { etag: undefined }],
    ["the server names it by a tag that is weak", { etag: 'W/"version-1"' }],
  ])("a download starts over if %s", async ([, options]) => {
    const folder = createTemporaryFolder();
    await interrupt(folder, "etag" in options && options.etag?.startsWith('"') !== true ? options : {});

    const { url, requests } = await startModelServer(bytes, options);
    const result = await runCli(pullArguments(url, folder));
    expect(result).toMatchObject({ exitCode: 0 });
    expect(downloads(requests)).toEqual(["bytes=0-"]);
    expectInPlace(folder, bytes);
  });

  test("without a version, the hash decides what can be resumed", async () => {
    const folder = createTemporaryFolder();
    await interrupt(folder, { linkedSha256: sha256(bytes), etag: undefined });

    const { url, requests } = await startModelServer(bytes, { etag: undefined });
    const result = await runCli(pullArguments(url, folder, "--sha256", sha256(bytes)));
    expect(result).toMatchObject({ exitCode: 0 });
    expect(downloads(requests)).toEqual([`bytes=${HELD_BYTES}-`]);
    expectInPlace(folder, bytes);
  });

  test("a complete but unchecked file is checked, not downloaded again", async () => {
    const folder = createTemporaryFolder();
    await interrupt(folder);
    const [part] = readdirSync(folder).filter((name) => name.endsWith(".part"));
    writeFileSync(join(folder, part!), bytes);

    const { url, requests } = await startModelServer(bytes);
    const { exitCode } = await runCli(pullArguments(url, folder));
    expect({ exitCode, downloads: downloads(requests) }).toEqual({ exitCode: 0, downloads: [] });
    expectInPlace(folder, bytes);
  });

  test("a part that is longer than the file is not kept", async () => {
    const folder = createTemporaryFolder();
    await interrupt(folder);
    const [part] = readdirSync(folder).filter((name) => name.endsWith(".part"));
    writeFileSync(join(folder, part!), Buffer.concat([bytes, Buffer.alloc(67)]));

    const { url } = await startModelServer(bytes);
    expect(await runCli(pullArguments(url, folder))).toMatchObject({ exitCode: 0 });
    expectInPlace(folder, bytes);
  });

  test("bytes that a server sends beyond the size it announced are not written", async () => {
    const folder = createTemporaryFolder();
    const { url } = await startModelServer(bytes, { surplusBytes: 67 });
    expect(await runCli(pullArguments(url, folder))).toMatchObject({ exitCode: 0 });
    expectInPlace(folder, bytes);
  });

  test("a server that ignores the range and sends from the start is handled", async () => {
    const folder = createTemporaryFolder();
    await interrupt(folder);
    const { url } = await startModelServer(bytes, { forgetsRanges: true });
    expect(await runCli(pullArguments(url, folder))).toMatchObject({ exitCode: 0 });
    expectInPlace(folder, bytes);
  });

  test("a full disk fails the command, and the part is resumed once there is space", async () => {
    const { url, requests } = await startModelServer(bytes);
    const folder = createTemporaryFolder();
    const limit = 4096; // blocks of 1,024 bytes
    const full = await runCli(pullArguments(url, folder), { before: `ulimit -f ${limit}` });
    expect(full.exitCode).toBe(1);
    expect(full.stderr).toMatch(/\[DOWNLOAD_FAILED\] The download failed: cannot write .*\.part: EFBIG/);
    expect(full.stderr).toContain("resumes where it stopped");
    expect(partSizes(folder)).toEqual([limit * 1024]);

    expect(await runCli(pullArguments(url, folder))).toMatchObject({ exitCode: 0 });
    expect(downloads(requests).at(-1)).toBe(`bytes=${limit * 1024}-`);
    expectInPlace(folder, bytes);
  });
});

describe("two pulls of one file at once", () => {
  test("the second fails with the reason, the first is not disturbed", async () => {
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const slow = await startModelServer(bytes, { holdsAfterBytes: 1000, onBody: () => asked() });
    const folder = createTemporaryFolder();
    const first = startCli(pullArguments(slow.url, folder));
    await isAsked;

    const { url } = await startModelServer(bytes);
    const second = await runCli(pullArguments(url, folder));
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain(`another process is downloading ${join(folder, "tiny.gguf")}`);
    first.kill("SIGKILL");
    await first.finished;

    expect(await runCli(pullArguments(url, folder))).toMatchObject({ exitCode: 0 }); // the lock of a dead process is no lock
    expectInPlace(folder, bytes);
  });
});

describe("planted files in the folder", () => {
  /** The name is that of the part: of the size and the version. */
  function partOf(folder: string): string {
    const key = createHash("sha256").update(`${bytes.length} "version-1"`).digest("hex").slice(0, 16);
    return join(folder, `tiny.gguf.${key}.part`);
  }

  test("a link is not followed", async () => {
    const [{ url }, folder, outside] = [
      await startModelServer(bytes),
      createTemporaryFolder(),
      join(createTemporaryFolder(), "precious"),
    ];
    writeFileSync(outside, "precious");
    symlinkSync(outside, partOf(folder));
    const { exitCode, stderr } = await runCli(pullArguments(url, folder));
    expect({ exitCode, content: readFileSync(outside, "utf8") }).toEqual({ exitCode: 1, content: "precious" });
    expect(stderr).toContain("ELOOP");
  });

  test("a pipe does not block", async () => {
    const [{ url }, folder] = [await startModelServer(bytes), createTemporaryFolder()];
    execFileSync("sh", ["-c", `mkfifo "$1"`, "-", partOf(folder)]);
    const { exitCode, stderr } = await runCli(pullArguments(url, folder));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("is not a regular file");
  });
});
