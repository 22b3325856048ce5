import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { WorkerError } from "inference-worker-protocol";
import { findTensorBytes } from "../../../src/engine/llama/ggml-types.js";
import { LoadSteps } from "../../../src/engine/llama/load-progress.js";
import { describeNativeFailure, isOutOfMemory, toJobError } from "../../../src/engine/llama/native-errors.js";
import { NativeLog } from "../../../src/engine/llama/native-log.js";
import { resolveSlotPlan } from "../../../src/engine/llama/options.js";
import { toNativeSeed } from "../../../src/engine/llama/sampling.js";
import { SlotPool } from "../../../src/engine/llama/slot.js";
import { decodeTokenText } from "../../../src/engine/llama/token-bytes.js";
import { assertFits } from "../../../src/engine/llama/vram.js";

describe("toNativeSeed()", () => {
  test("is a 32-bit number that every bit of the seed changes", () => {
    const seeds = [0n, ...Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)), 2n ** 64n - 1n];
    const native = seeds.map(toNativeSeed);
    expect(new Set(native).size).toBe(seeds.length);
    for (const seed of native) expect(seed >= 0 && seed < 2 ** 32 && Number.isInteger(seed)).toBe(true);
  });

  test("never returns the value that means a random seed", () => {
    // Found by inverting the mixing function.
    expect(toNativeSeed(invert(0xffff_ffffn << 32n))).toBe(0xffff_fffe);
    expect(toNativeSeed(invert(0xffff_fffdn << 32n))).toBe(0xffff_fffd);
  });
});

/** The seed that the mixing function maps to `bits`. */
function invert(bits: bigint): bigint {
  const mask = 2n ** 64n - 1n;
  const unshift = (value: bigint, by: bigint) => {
    let result = value;
    for (let i = 0; i < 64; i++) result = value ^ (result >> by);
    return result & mask;
  };
  const inverse = (factor: bigint) => {
    let result = 1n;
    for (let i = 0; i < 6; i++) result = (result * (2n - factor * result)) & mask;
    return result & mask;
  };
  let value = unshift(bits, 31n);
  value = unshift((value * inverse(0x94d0_49bb_1331_11ebn)) & mask, 27n);
  value = unshift((value * inverse(0xbf58_476d_1ce4_e5b9n)) & mask, 30n);
  return (value - 0x9e37_79b9_7f4a_7c15n) & mask;
}

describe("decodeTokenText()", () => {
  const bytes = (...token: Parameters<typeof decodeTokenText>) => [...decodeTokenText(...token)];

  test("byte-level BPE: letters are bytes, even those of half a character", () => {
    expect(bytes({ text: "\u0120the", kind: "normal" }, "gpt2")).toEqual([...Buffer.from(" the")]);
    expect(bytes({ text: "\u00e2\u0124", kind: "normal" }, "gpt2")).toEqual([0xe2, 0x82]);
    expect(bytes({ text: "\u010a", kind: "normal" }, "gpt2")).toEqual([0x0a]);
    expect(bytes({ text: "\u0143", kind: "normal" }, "gpt2")).toEqual([0xad]);
  });

  test("SentencePiece: the space sign, byte tokens, ordinary text", () => {
    expect(bytes({ text: "\u2581caf\u00e9", kind: "normal" }, "llama")).toEqual([...Buffer.from(" caf\u00e9")]);
    expect(bytes({ text: "<0xE2>", kind: "byte" }, "llama")).toEqual([0xe2]);
    expect(bytes({ text: "<0xE2>", kind: "normal" }, "llama")).toEqual([...Buffer.from("<0xE2>")]);
  });

  test("special tokens have no bytes, user-defined ones are plain text", () => {
    expect(bytes({ text: "<|im_start|>", kind: "special" }, "gpt2")).toEqual([]);
    expect(bytes({ text: "\u0120<tool>", kind: "userDefined" }, "gpt2")).toEqual([...Buffer.from("\u0120<tool>")]);
  });
});

describe("native errors", () => {
  const failure = (message: string, ...logLines: string[]) => ({ cause: new Error(message), logLines });

  test.each([
    [
      "VRAM_OOM",
      failure("Eval has failed", "ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory"),
    ],
    ["VRAM_OOM", failure("failed to allocate compute buffer")],
    ["VRAM_OOM", failure("vk::Device::allocateMemory: ErrorOutOfDeviceMemory")],
    ["CUDA_ERROR", failure("Eval has failed", "CUDA error: an illegal memory access was encountered")],
    ["CUDA_ERROR", failure("vk::Queue::submit: ErrorDeviceLost, device lost")],
    ["INFERENCE_FAILED", failure("Failed to sample next token")],
  ])("%s", (code, native) => {
    const error = toJobError(native);
    expect(error).toMatchObject({ code, cause: native.cause });
    expect(error.message).toContain(native.cause.message);
  });

  test("an error of the catalogue is unchanged", () => {
    const cause = new WorkerError("CONTEXT_OVERFLOW", "too long");
    expect(toJobError({ cause, logLines: [] })).toBe(cause);
  });

  test("the reason has each line only once", () => {
    expect(describeNativeFailure(failure("failed", "a\n b", "a"))).toBe("failed; a; b");
    expect(isOutOfMemory(failure("Failed to load model", "check_tensor_dims: wrong shape"))).toBe(false);
  });

  test("the log keeps the last errors and passes every line on", () => {
    const lines: string[] = [];
    const log = new NativeLog((severity, message) => lines.push(`${severity}: ${message}`));
    log.write("warn", "w\n");
    log.write("fatal", "boom");
    log.write("log", "l");
    expect(lines).toEqual(["warn: w", "error: boom", "debug: l"]);
    expect([log.takeErrors(), log.takeErrors()]).toEqual([["boom"], []]);
  });
});

describe("assertFits()", () => {
  const figures = { device: "cuda:1", modelPath: "m.gguf", availableBytes: 1000 };

  test("passes when it just fits", () => {
    expect(() => assertFits({ ...figures, requiredBytes: 1000 })).not.toThrow();
  });

  test("one byte too much is INSUFFICIENT_VRAM with both figures, the device and the path", () => {
    const fit = () => assertFits({ ...figures, requiredBytes: 1001 });
    expect(fit).toThrow("m.gguf needs 1001 bytes on cuda:1, but only 1000 are available");
    expect(fit).toThrow(
      expect.objectContaining({ code: "INSUFFICIENT_VRAM", details: { ...figures, requiredBytes: 1001 } }),
    );
  });
});

describe("LoadSteps", () => {
  test("reports 0, 25, 50, 75, 100 once each, whatever the fractions are", () => {
    const seen: number[] = [];
    const steps = new LoadSteps((percent) => seen.push(percent));
    expect(seen).toEqual([0]);
    for (const fraction of [0.1, 0.24, 0.26, 0.2, 0.8, 1, 1]) steps.update(fraction);
    expect(seen).toEqual([0, 25, 50, 75]);
    steps.finish();
    expect(seen).toEqual([0, 25, 50, 75, 100]);
  });

  test("reports all of them when the loader reports nothing", () => {
    const seen: number[] = [];
    new LoadSteps((percent) => seen.push(percent)).finish();
    expect(seen).toEqual([0, 25, 50, 75, 100]);
  });
});

describe("resolveSlotPlan()", () => {
  const options = { modelPath: "m", gpuDevice: -1, slots: 1, threads: 1, onProgress: () => undefined };

  test("the context is the trained one, at most 8192, unless it is given", () => {
    expect(resolveSlotPlan(options, 4096).contextSize).toBe(4096);
    expect(resolveSlotPlan(options, 32_768).contextSize).toBe(8192);
    expect(resolveSlotPlan({ ...options, contextSize: 16_384 }, 4096).contextSize).toBe(16_384);
  });

  test("several slots are sequences of one context, or separate contexts", () => {
    const slots = 4;
    expect(resolveSlotPlan({ ...options, slots }, 64)).toMatchObject({ contextCount: 1, sequencesPerContext: 4 });
    const invariant = resolveSlotPlan({ ...options, slots, batchInvariant: true }, 64);
    expect(invariant).toMatchObject({ contextCount: 4, sequencesPerContext: 1, contextSize: 64 });
  });

  test("threads are divided among contexts, at least one each, never more than the cores", () => {
    const threads = (count: number, slots: number, batchInvariant: boolean) =>
      resolveSlotPlan({ ...options, threads: count, slots, batchInvariant }, 64).threads;
    expect(threads(1, 4, true)).toBe(1);
    expect(threads(10_000, 1, true)).toBe(availableParallelism());
    expect(threads(availableParallelism(), availableParallelism(), true)).toBe(1);
    expect(threads(availableParallelism(), availableParallelism(), false)).toBe(availableParallelism());
  });

  test("the prompt is decoded in smaller batches on the CPU", () => {
    expect(resolveSlotPlan(options, 4096).promptBatchSize).toBe(64);
    expect(resolveSlotPlan({ ...options, gpuDevice: 0 }, 4096).promptBatchSize).toBe(512);
    expect(resolveSlotPlan({ ...options, contextSize: 16 }, 4096).promptBatchSize).toBe(16);
  });

  test("a batch has room for a part of a prompt and one token of every slot", () => {
    expect(resolveSlotPlan(options, 4096).batchSize).toBe(64);
    expect(resolveSlotPlan({ ...options, slots: 4 }, 4096).batchSize).toBe(68);
    expect(resolveSlotPlan({ ...options, slots: 4, batchInvariant: true }, 4096).batchSize).toBe(64);
  });
});

describe("SlotPool", () => {
  test("hands out each slot once, then queues requests in order", async () => {
    const pool = new SlotPool(["a", "b"]);
    expect([await pool.take(), await pool.take()]).toEqual(["a", "b"]);
    const order: string[] = [];
    const first = pool.take().then((slot) => order.push(`first ${slot}`));
    const second = pool.take().then((slot) => order.push(`second ${slot}`));
    pool.give("b");
    pool.give("a");
    await Promise.all([first, second]);
    expect(order).toEqual(["first b", "second a"]);
  });
});

describe("findTensorBytes()", () => {
  test("counts whole blocks, and returns undefined for removed or future types", () => {
    expect(findTensorBytes(0, 10)).toBe(40);
    expect(findTensorBytes(12, 257)).toBe(288);
    expect([findTensorBytes(4, 1), findTensorBytes(99, 1)]).toEqual([undefined, undefined]);
  });
});
