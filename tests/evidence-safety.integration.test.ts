import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { link, lstat, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { collectSseEvents, readEvidence, WorkerTestHarness } from "inference-testkit";
import { rejectionOf } from "./support/conditions.js";
import { stubEngine } from "./support/engines.js";
import { foreignWorker, supportFile } from "./support/foreign.js";
import { complete, makeRequest } from "./support/jobs.js";
import { createTemporaryFolder } from "./support/temporary-folder.js";

const FILES = ["metadata.json", "seeds.json", "timings.json", "transcript.ndjson", "verdicts.json", "worker.log"];

describe("a disk that does not accept everything", () => {
  /** Records in a separate process, under shell limits or with a preloaded module. */
  async function record(folder: string, before: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const program = [process.execPath, supportFile("runners/record-once.mjs"), folder];
    const child = spawn("bash", ["-c", `${before}; exec "$@"`, "-", ...program], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), 25_000);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    await once(child, "close");
    clearTimeout(timer);
    return output;
  }

  test("fails the stop with the file and the reason, and leaves no bundle that looks complete", async () => {
    await using folder = await createTemporaryFolder();
    const output = await record(folder.path, "ulimit -f 20"); // 20 blocks of 1,024 bytes; the transcript has 60 kB
    expect(output).toMatch(/^stop EVIDENCE_FAILED .*the evidence in .* cannot be written: transcript\.ndjson: EFBIG/m);
    expect(await readdir(folder.path)).not.toContain("metadata.json");
    expect(await rejectionOf(readEvidence(folder.path))).toMatchObject({ code: "EVIDENCE_INVALID" });
  });

  test("a disk that accepts few bytes at a time gets the whole bundle", async () => {
    await using folder = await createTemporaryFolder();
    const preload = supportFile("../../packages/testkit/test/cli/odd-disk.mjs");
    const env = { NODE_OPTIONS: `--import=${preload}`, ODD_DISK_BYTES: "1000" };
    expect(await record(folder.path, "true", env)).toContain("stop ok");
    const { jobs, log } = await readEvidence(folder.path);
    expect(jobs.map(({ stream }) => stream.events.filter(({ type }) => type === "token").length)).toEqual([
      200, 200, 200,
    ]);
    expect(log.length).toBeGreaterThan(3);
  });
});

describe("only its owner can read a bundle", () => {
  test("files have mode 600 and created folders mode 700", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "made", "bundle");
    await using worker = await stubEngine.start();
    await worker.recordTo(path);
    await complete(worker);
    await worker.stop();

    expect((await readdir(path)).sort()).toEqual(FILES);
    const modeOf = async (each: string) => ((await stat(each)).mode & 0o777).toString(8);
    expect(await Promise.all(FILES.map((name) => modeOf(join(path, name))))).toEqual(FILES.map(() => "600"));
    expect([await modeOf(path), await modeOf(join(folder.path, "made"))]).toEqual(["700", "700"]);
  });

  /** Records, and plants something under each name of the bundle while the worker runs. */
  async function recordOver(folder: string, plant: (path: string) => Promise<unknown>): Promise<void> {
    await using worker = await stubEngine.start();
    await worker.recordTo(folder);
    await complete(worker);
    for (const name of FILES) await plant(join(folder, name));
    await worker.stop();
  }

  test.for<[string, (path: string, target: string) => Promise<unknown>]>([
    ["symbolic links", (path, target) => symlink(target, path)],
    ["hard links", (path, target) => link(target, path)],
    ["pipes", (path) => Promise.resolve(execFileSync("sh", ["-c", 'mkfifo "$1"', "-", path]))],
    ["files that all may read", (path) => writeFile(path, "planted", { mode: 0o666 })],
  ])("planted %s are replaced, not written to", async ([, plant]) => {
    await using folder = await createTemporaryFolder();
    const [target, path] = [join(folder.path, "precious"), join(folder.path, "bundle")];
    await writeFile(target, "precious");
    await recordOver(path, (each) => plant(each, target));

    expect(await readFile(target, "utf8")).toBe("precious");
    for (const name of FILES) {
      const { mode, nlink } = await lstat(join(path, name));
      expect([(mode & 0o7777).toString(8), nlink]).toEqual(["600", 1]);
    }
    expect((await readEvidence(path)).jobs).toHaveLength(1);
  });

  test("a folder that is a link is rejected", async () => {
    await using folder = await createTemporaryFolder();
    await mkdir(join(folder.path, "elsewhere"));
    await symlink(join(folder.path, "elsewhere"), join(folder.path, "bundle"));
    await using worker = await stubEngine.start();
    const failure = await rejectionOf(worker.recordTo(join(folder.path, "bundle")));
    expect(failure).toMatchObject({ code: "EVIDENCE_FAILED" });
    expect(failure.message).toContain("it is a symbolic link; name the folder that it leads to");
  });

  test.for(["link", "folder"])("a %s that replaces the folder is not written to", async (kind) => {
    await using folder = await createTemporaryFolder();
    const [path, other] = [join(folder.path, "bundle"), join(folder.path, "other")];
    await mkdir(other);
    const worker = await stubEngine.start();
    await worker.recordTo(path);
    await rename(path, join(folder.path, "moved"));
    await (kind === "link" ? symlink(other, path) : rename(other, path));

    expect(await rejectionOf(worker.stop())).toMatchObject({ code: "EVIDENCE_FAILED" });
    expect(await readdir(kind === "link" ? other : path)).toEqual([]);
  });

  test("reading a bundle with a pipe in it fails immediately", async () => {
    await using folder = await createTemporaryFolder();
    await recordOver(folder.path, () => Promise.resolve());
    execFileSync("sh", ["-c", 'rm "$1" && mkfifo "$1"', "-", join(folder.path, "worker.log")]);
    const failure = await rejectionOf(readEvidence(folder.path));
    expect(failure).toMatchObject({ code: "EVIDENCE_INVALID" });
    expect(failure.message).toContain("worker.log: cannot be read: it is not a regular file");
  });
});

describe("credentials", () => {
  const FLAGS = ["--api-key", "--hf-token", "--token", "--secret", "--password", "--x-auth"];
  const HEADERS =
    "authorization proxy-authorization cookie set-cookie x-auth x-auth-token x-password x-api-key api_key x-amz-security-token x-amz-date token".split(
      " ",
    );
  const FIELDS = "api_key token secret password access_token clientSecret hf_token x-auth".split(" ");
  const VARIABLES =
    "HF_TOKEN OPENAI_API_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN MY_PASSWORD".split(" ");

  /** One for each place, so that a leak names its place. */
  const canaries: string[] = [];
  function canary(place: string): string {
    canaries.push(`cNrY${place.replaceAll(/\W/g, "")}${canaries.length}z`);
    return canaries.at(-1)!;
  }

  const each = (names: readonly string[], place: string) => names.map((name) => [name, canary(place + name)] as const);

  /** The text itself, and the three ways in which base64 can have it in the middle of something. */
  function encodings(text: string): string[] {
    const shifted = ["", "_", "__"].map((before) =>
      Buffer.from(before + text)
        .toString("base64")
        .slice(4, -4),
    );
    return [text, encodeURIComponent(text), ...shifted, Buffer.from(text).toString("hex")];
  }

  async function recordCredentials(folder: string, redact: boolean): Promise<void> {
    canaries.length = 0;
    const args = [
      ...[supportFile("workers/credential-worker.mjs"), "{port}", "{workerId}"],
      ...each(FLAGS, "flag").flat(),
      ...each(FLAGS, "joined").map(([name, value]) => `${name}=${value}`),
      ...["-H", `authorization: Bearer ${canary("dashH")}`, "--config", JSON.stringify({ api_key: canary("json") })],
      `--upstream=http://user:${canary("userinfo")}@127.0.0.1/v1?api_key=${canary("url")}&a=1`,
      ...["-c", `export HF_TOKEN=${canary("shell")}; serve --api-key '${canary("quoted")}'`],
    ];
    const env = Object.fromEntries(each(VARIABLES, "env"));
    await using worker = await WorkerTestHarness.launch(foreignWorker({ args, env }));
    const recording = await worker.recordTo(folder, { redact, testName: `with api_key=${canary("name")}` });
    const path = (place: string) =>
      `/v1/x?${each([...FIELDS, "key", "sig"], place)
        .map((pair) => pair.join("="))
        .join("&")}`;
    for (const mode of ["error", "garble", "cut"]) {
      const headers = Object.fromEntries(each(HEADERS, "header"));
      const body = {
        ...makeRequest(),
        mode,
        ...Object.fromEntries(each(FIELDS, "body")),
        deep: [{ auth: { token: canary("deep") } }],
      };
      const response = await worker.execute(body, { headers });
      await collectSseEvents(response).catch((error: unknown) => recording.fail(error));
    }
    const bodies = [
      each(FIELDS, "form")
        .map((pair) => pair.join("="))
        .join("&"),
      Buffer.concat([Buffer.from([0xff, 0xfe, 0]), Buffer.from(`api_key=${canary("bytes")}\0`)]),
    ];
    for (const body of bodies) {
      const headers = { ...Object.fromEntries(each(HEADERS, "asked")), "x-echo": "1" };
      const response = await worker.request(path("query"), { method: "POST", body: body as string, headers });
      const text = await response.text();
      recording.verdict(`saw token=${canary("verdict")}`, "fail", text);
    }
    await worker.stop();
  }

  test.for([false, true])("are in no file of a bundle (redact: %s), in no encoding", async (redact) => {
    await using folder = await createTemporaryFolder();
    await recordCredentials(folder.path, redact);

    const names = await readdir(folder.path);
    expect(names.sort()).toEqual(FILES);
    expect(canaries.length).toBeGreaterThan(60);
    for (const name of names) {
      const bytes = await readFile(join(folder.path, name), "latin1");
      const leaks = canaries.filter((each) => encodings(each).some((encoded) => bytes.includes(encoded)));
      expect({ name, leaks }).toEqual({ name, leaks: [] });
    }
    const { log, transcript } = await readEvidence(folder.path);
    expect(log.length).toBeGreaterThan(50);
    expect(transcript.filter(({ kind }) => kind === "request")).toHaveLength(5);
  });
});
