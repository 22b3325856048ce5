import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkModelFile } from "../../../src/engine/llama/model-file.js";
import { TestModel } from "../../../../testkit/src/models/index.js";

let folder = "";
let whole: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-model-file-"));
  whole = await readFile((await TestModel.synthetic()).path);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function checkBytes(bytes: Uint8Array | string) {
  await writeFile(join(folder, "m.gguf"), bytes);
  return checkModelFile(join(folder, "m.gguf"));
}

/** Where the value of a metadata key stands in the file. */
const valueOffset = (key: string) => whole.indexOf(key) + key.length + 4;

function patched(key: string, value: number): Buffer {
  const bytes = Buffer.from(whole);
  bytes.writeUInt32LE(value, valueOffset(key));
  return bytes;
}

describe("checkModelFile()", () => {
  test("reads architecture, metadata and tensor names", async () => {
    const header = await checkBytes(whole);
    expect(header).toMatchObject({ architecture: "qwen2", fileBytes: whole.length });
    expect(header.metadata.get("qwen2.block_count")).toBe(2);
    expect(header.metadata.get("tokenizer.ggml.tokens")).toEqual({ itemCount: 290 });
    expect(header.tensorNames).toContain("blk.1.ffn_down.weight");
  });

  test.each([
    ["", "the file is empty"],
    ["GG", "not a GGUF file: it does not start with the magic bytes `GGUF`"],
    ["# a model card\n", "not a GGUF file: it does not start with the magic bytes `GGUF`"],
    ["GGUF\x01\0\0\0", "unsupported GGUF version 1, only 2 and 3 are supported"],
    ["GGUF\0\0\0\x03", "unsupported GGUF version 50331648, only 2 and 3 are supported"],
    ["GGUF\x03\0\0\0", "truncated: the header extends to byte 16, the file has 8 bytes"],
    [`GGUF\x03\0\0\0${"\0".repeat(16)}`, "the metadata key `general.architecture` is missing"],
  ])("%j: %s", async (content, reason) => {
    await expect(checkBytes(Buffer.from(content, "latin1"))).rejects.toMatchObject({
      code: "MODEL_LOAD_FAILED",
      message: `Cannot load the model ${join(folder, "m.gguf")}: ${reason}`,
    });
  });

  test("a missing file and a folder", () => {
    expect(() => checkModelFile(join(folder, "none.gguf"))).toThrow(/Cannot load the model .*none\.gguf: no such file/);
    expect(() => checkModelFile(folder)).toThrow(/: not a file$/);
  });

  test("a file truncated anywhere is reported as truncated", async () => {
    const cuts = [9, 23, 24, 30, 500, 3000, 4000, 5000, 7000, 7100, 8000, 100_000, whole.length - 1];
    for (const cut of cuts) {
      await expect(checkBytes(whole.subarray(0, cut)), `cut at ${cut}`).rejects.toThrow(
        /^Cannot load the model .*m\.gguf: truncated: /,
      );
    }
  });

  test("bytes after the data are harmless", async () => {
    await expect(checkBytes(Buffer.concat([whole, Buffer.alloc(7)]))).resolves.toMatchObject({ architecture: "qwen2" });
  });

  test("one changed byte anywhere in the header is accepted or rejected with MODEL_LOAD_FAILED, nothing else", async () => {
    let state = 7;
    const random = (limit: number) => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % limit;
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(whole.subarray(0, 7000));
      bytes[random(7000)] = random(256);
      await checkBytes(Buffer.concat([bytes, whole.subarray(7000)])).catch((error: unknown) => {
        expect(error).toMatchObject({ code: "MODEL_LOAD_FAILED" });
        refused++;
      });
    }
    expect(refused).toBeGreaterThan(50);
  });

  test.each([
    ["qwen2.block_count", 0],
    ["qwen2.block_count", 513],
    ["qwen2.embedding_length", 0],
    ["qwen2.feed_forward_length", 0],
    ["qwen2.attention.head_count", 0],
    ["qwen2.attention.head_count", 65],
    ["qwen2.attention.head_count_kv", 0],
    ["qwen2.context_length", 0],
  ])("%s = %i would crash the process in an assertion of llama.cpp, and is rejected", async (key, value) => {
    await expect(checkBytes(patched(key, value))).rejects.toThrow(
      `the metadata key \`${key}\` has the impossible value ${value}`,
    );
  });

  test("so would an empty metadata key", async () => {
    const bytes = Buffer.from(whole);
    bytes[bytes.indexOf("tokenizer.ggml.pre")] = 0;
    await expect(checkBytes(bytes)).rejects.toThrow("a metadata key is empty");
  });

  test("so would a negative epsilon, a missing figure, and a token that appears twice", async () => {
    const epsilon = "qwen2.attention.layer_norm_rms_epsilon";
    await expect(checkBytes(patched(epsilon, 0xbf800000))).rejects.toThrow(
      `\`${epsilon}\` has the impossible value -1`,
    );
    const renamed = Buffer.from(whole);
    renamed.write("x", renamed.indexOf("qwen2.feed_forward_length"));
    await expect(checkBytes(renamed)).rejects.toThrow("the metadata key `qwen2.feed_forward_length` is missing");
    const twice = Buffer.from(whole);
    const tokenA = twice.indexOf("\x01\0\0\0\0\0\0\0a", 0, "latin1");
    twice.write("b", tokenA + 8);
    await expect(checkBytes(twice)).rejects.toThrow("the token 98 of the vocabulary appears twice");
  });

  test("an unknown tensor type is left to llama.cpp", async () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(99, bytes.indexOf("token_embd.weight") + "token_embd.weight".length + 4 + 16);
    await expect(checkBytes(bytes)).resolves.toMatchObject({ architecture: "qwen2" });
  });
});
