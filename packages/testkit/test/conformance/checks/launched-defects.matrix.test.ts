import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { chooseServer } from "../../../src/cli/check/choose-server.js";
import type { CheckFlags } from "../../../src/cli/check/flags.js";
import { runOne } from "./front.js";

const program = fileURLToPath(new URL("bad-server.mjs", import.meta.url));

async function serve(defect: string) {
  const folder = mkdtempSync(join(tmpdir(), "inference-testkit-test-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(join(tmpdir(), "left"), { force: true }); // the file of the defect `leaves-a-file`
  });
  const model = join(folder, "model.gguf");
  writeFileSync(model, `MODEL ${"x".repeat(100)} END`);
  const words = [process.execPath, program, defect, "{port}", model] as const;
  const flags = { command: { line: words.join(" "), words }, dialect: undefined, checkPortOwner: true };
  const { findDialect } = await import("../../../src/dialects/index.js");
  const dialect = findDialect("openai-chat");
  return chooseServer({ ...flags, dialect } as unknown as CheckFlags, new AbortController().signal);
}

const CASES: readonly (readonly [id: string, defect: string, got: RegExp])[] = [
  ["ready.answers-right-after-start", "fails-first", /503|complete answer/],
  ["lifecycle.sigterm-ends-an-idle-server", "exits-with-7", /exit code 7/],
  ["lifecycle.sigterm-does-not-shorten-a-stream", "ends-cleanly", /token/],
  ["lifecycle.leaves-no-processes", "leaves-a-child", /sleep 60/],
  ["lifecycle.leaves-no-temporary-files", "leaves-a-file", /left/],
  ["lifecycle.refuses-a-taken-port", "waits-for-its-port", /runs after/],
  ["lifecycle.refuses-a-taken-port", "exits-with-0-on-taken-port", /exit code 0/],
  ["lifecycle.refuses-a-missing-model", "hides-the-file", /cannot load the model/],
  ["lifecycle.refuses-a-missing-model", "exits-with-0", /exit code 0/],
  ["lifecycle.refuses-a-foreign-model", "crashes", /SIGSEGV/],
  ["lifecycle.refuses-a-truncated-model", "ignores-the-model", /process that runs/],
  ["security.binds-loopback", "binds-all", /all/],
  ["security.prompt-is-not-logged", "logs-prompts", /secret-/],
  ["disconnect.fifty-leak-no-file", "leaks-files", /\d+/],
  ["memory.requests-do-not-add-up", "leaks", /grows/],
  ["memory.is-released-after-the-stop", "leaves-a-child", /process-tree: .* in use/],
];

test.skipIf(process.platform !== "linux").each(CASES)("%s fails on a server that %s", async (id, defect, got) => {
  const result = await runOne(id, await serve(defect), "openai-chat");
  expect([result.status, result.message]).toEqual(["fail", expect.any(String)]);
  expect(result.got).toMatch(got);
});

test.skipIf(process.platform !== "linux").each([...new Set(CASES.map(([id]) => id))])(
  "%s passes on the same server without a defect",
  async (id) => {
    const result = await runOne(id, await serve("none"), "openai-chat");
    expect([result.status, result.message]).toEqual(["pass", ""]);
  },
);
