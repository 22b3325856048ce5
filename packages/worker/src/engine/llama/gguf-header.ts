import { findTensorBytes } from "./ggml-types.js";
import { HeaderError, HeaderReader } from "./header-reader.js";

/** A metadata value; for an array, only the number of items is kept. */
export type MetadataValue = number | bigint | boolean | string | { readonly itemCount: number };

/** The contents of a GGUF header. */
export interface GgufHeader {
  readonly fileBytes: number;
  readonly architecture: string;
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensorNames: readonly string[];
}

/** The versions that llama.cpp reads. */
const VERSIONS = [2, 3];
const MAX_DIMENSIONS = 4;
const DEFAULT_ALIGNMENT = 32;

/** Bytes of the scalar value types 0..7 and 10..12. */
const SCALAR_BYTES: Readonly<Record<number, number>> = {
  0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8,
}; // prettier-ignore
const STRING = 8;
const ARRAY = 9;
const TOKENS_KEY = "tokenizer.ggml.tokens";

/**
 * Reads the header of a GGUF file with every count checked against the size of the file, so that a broken file gives a
 * clear error within milliseconds and never reaches native code.
 *
 * @throws {HeaderError} empty, not GGUF, of an unsupported version, truncated, or with impossible values.
 */
export function parseGgufHeader(path: string): GgufHeader {
  const reader = new HeaderReader(path);
  try {
    return parse(reader);
  } finally {
    reader.close();
  }
}

function parse(reader: HeaderReader): GgufHeader {
  if (reader.fileBytes === 0) throw new HeaderError("the file is empty");
  if (reader.fileBytes < 4 || reader.bytes(4).toString("latin1") !== "GGUF") {
    throw new HeaderError("not a GGUF file: it does not start with the magic bytes `GGUF`");
  }
  const version = reader.uint32();
  if (!VERSIONS.includes(version))
    throw new HeaderError(`unsupported GGUF version ${version}, only 2 and 3 are supported`);
  const tensorCount = reader.uint64();
  const metadata = readMetadata(reader, reader.uint64());
  const architecture = metadata.get("general.architecture");
  if (typeof architecture !== "string") throw new HeaderError("the metadata key `general.architecture` is missing");
  const tensorNames = readTensors(reader, tensorCount, alignmentOf(metadata));
  return { fileBytes: reader.fileBytes, architecture, metadata, tensorNames };
}

function readMetadata(reader: HeaderReader, count: number): Map<string, MetadataValue> {
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < count; i++) {
    const key = reader.string();
    if (key === "" || key.startsWith("\0")) throw new HeaderError("a metadata key is empty"); // an assertion in llama.cpp
    if (metadata.has(key)) throw new HeaderError(`the metadata key \`${key}\` appears twice`);
    const type = reader.uint32();
    metadata.set(key, key === TOKENS_KEY && type === ARRAY ? readTokens(reader) : readValue(reader, type));
  }
  return metadata;
}

function readValue(reader: HeaderReader, type: number): MetadataValue {
  if (type === STRING) return reader.string();
  if (type === ARRAY) return skipArray(reader);
  const size = SCALAR_BYTES[type];
  if (size === undefined) throw new HeaderError(`unknown metadata value type ${type} at byte ${reader.offset - 4}`);
  return readScalar(type, reader.bytes(size));
}

function readScalar(type: number, bytes: Buffer): MetadataValue {
  if (type === 7) return bytes.readUInt8() !== 0;
  if (type === 6) return bytes.readFloatLE();
  if (type === 10) return bytes.readBigUInt64LE();
  if (type === 11) return bytes.readBigInt64LE();
  if (type === 12) return bytes.readDoubleLE();
  const signed = type % 2 === 1;
  return signed ? bytes.readIntLE(0, bytes.length) : bytes.readUIntLE(0, bytes.length);
}

function skipArray(reader: HeaderReader): MetadataValue {
  const type = reader.uint32();
  const itemCount = reader.uint64();
  const size = SCALAR_BYTES[type];
  if (size !== undefined) reader.skip(size * itemCount);
  else if (type !== STRING) throw new HeaderError(`unknown array item type ${type} at byte ${reader.offset - 12}`);
  else for (let i = 0; i < itemCount; i++) reader.skip(reader.uint64());
  return { itemCount };
}

/** llama.cpp ends the process when two tokens have the same text (up to a NUL; empty ones are numbered). */
function readTokens(reader: HeaderReader): MetadataValue {
  const type = reader.uint32();
  if (type !== STRING) throw new HeaderError(`the metadata key \`${TOKENS_KEY}\` is not a list of strings`);
  const itemCount = reader.uint64();
  const texts = new Set<string>();
  for (let id = 0; id < itemCount; id++) {
    const text = reader.bytes(reader.uint64()).toString("latin1").split("\0", 1)[0] ?? "";
    if (texts.has(text)) throw new HeaderError(`the token ${id} of the vocabulary appears twice`);
    if (text !== "") texts.add(text);
  }
  return { itemCount };
}

function alignmentOf(metadata: ReadonlyMap<string, MetadataValue>): number {
  const alignment = metadata.get("general.alignment") ?? DEFAULT_ALIGNMENT;
  if (typeof alignment === "number" && alignment > 0 && (alignment & (alignment - 1)) === 0) return alignment;
  throw new HeaderError("the metadata key `general.alignment` is not a power of two");
}

function readTensors(reader: HeaderReader, count: number, alignment: number): string[] {
  const tensors: Tensor[] = [];
  for (let i = 0; i < count; i++) tensors.push(readTensor(reader));
  const dataBytes = tensors.reduce((max, { end }) => Math.max(max, end), 0);
  const needed = Math.ceil(reader.offset / alignment) * alignment + dataBytes;
  if (dataBytes > 0 && needed > reader.fileBytes) {
    throw new HeaderError(`truncated: the header declares ${needed} bytes, the file has ${reader.fileBytes}`);
  }
  return tensors.map(({ name }) => name);
}

interface Tensor {
  readonly name: string;
  /** Offset from the start of the tensor data. */
  readonly end: number;
}

function readTensor(reader: HeaderReader): Tensor {
  const name = reader.string();
  const dimensions = reader.uint32();
  if (dimensions > MAX_DIMENSIONS) throw new HeaderError(`tensor \`${name}\` has ${dimensions} dimensions`);
  let elementCount = 1;
  for (let i = 0; i < dimensions; i++) elementCount *= reader.uint64();
  const type = reader.uint32();
  // A type that is not in the table is left to llama.cpp: it may be newer than the table.
  return { name, end: reader.uint64() + (findTensorBytes(type, elementCount) ?? 0) };
}
