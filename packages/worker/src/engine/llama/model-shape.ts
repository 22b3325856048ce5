import type { GgufHeader } from "./gguf-header.js";
import { HeaderError } from "./header-reader.js";

/** llama.cpp's own limit. */
const MAX_LAYERS = 512;

/**
 * Checks the few figures that llama.cpp does not validate: an invalid one does not fail the load but an assertion,
 * which crashes the process. Found by flipping bytes; figures given per layer (as a list) are left to llama.cpp.
 *
 * @throws {HeaderError} naming the metadata key.
 */
export function validateModelShape(header: GgufHeader): void {
  const { architecture, metadata, tensorNames } = header;
  const check = (name: string, allowed: (value: number) => boolean, required = true): void => {
    const key = `${architecture}.${name}`;
    const value = metadata.get(key);
    if (value === undefined && !required) return;
    if (value === undefined) throw new HeaderError(`the metadata key \`${key}\` is missing`);
    if (typeof value === "object" || allowed(Number(value))) return;
    throw new HeaderError(`the metadata key \`${key}\` has the impossible value ${value}`);
  };
  const width = Number(metadata.get(`${architecture}.embedding_length`));
  check("context_length", (value) => value >= 1, false);
  check("embedding_length", (value) => value >= 1, false);
  check("block_count", (value) => value >= 1 && value <= MAX_LAYERS, false);
  check("feed_forward_length", (value) => value >= 1, tensorNames.some(isFeedForward));
  if (tensorNames.some(isAttention)) {
    const ownHeadSize = metadata.has(`${architecture}.attention.key_length`);
    check("attention.head_count", (value) => value >= 1 && (ownHeadSize || value <= width));
    check("attention.head_count_kv", (value) => value >= 1, false);
  }
  check("attention.layer_norm_rms_epsilon", (value) => value >= 0, false);
  check("attention.layer_norm_epsilon", (value) => value >= 0, false);
}

const isFeedForward = (name: string): boolean => /\.ffn_(up|gate)\.weight$/.test(name);
const isAttention = (name: string): boolean => /\.attn_(q|qkv)\.weight$/.test(name);
