import { statSync } from "node:fs";
import type { TestModel } from "../../models/index.js";
import { formatBytes } from "../../numbers/index.js";
import type { CommonFlags } from "../common-flags.js";
import { EXIT_CODES } from "../exit-codes.js";
import { createOutput, printJson, type Output } from "../../terminal/index.js";
import { KNOWN_MODELS, type KnownModel } from "./known-models.js";

/** One model as `models list --json` prints it. */
interface ListedModel {
  readonly name: string;
  readonly description: string;
  /** `damaged`: the file does not have the expected size. */
  readonly state: "present" | "missing" | "damaged";
  readonly path: string;
  /** Size of the existing file. */
  readonly sizeBytes: number | undefined;
  /** Expected size of the file, if known. */
  readonly expectedSizeBytes: number | undefined;
  readonly numLayers: number;
  readonly numKvHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
}

/** Prints the known models, their paths and whether they exist. */
export async function runModelsList({ json = false }: CommonFlags): Promise<number> {
  const models = await Promise.all(KNOWN_MODELS.map(async (known) => describe(known, await known.locate())));
  if (json) printJson({ ok: true, models });
  const output = createOutput(process.stdout, json);
  for (const model of models) print(model, output);
  return EXIT_CODES.ok;
}

function describe({ name, description, source }: KnownModel, model: TestModel): ListedModel {
  const { path, numLayers, numKvHeads, headDim, vocabSize } = model;
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size;
  const expectedSizeBytes = source?.sizeBytes;
  const damaged = expectedSizeBytes !== undefined && sizeBytes !== expectedSizeBytes;
  const state = sizeBytes === undefined ? "missing" : damaged ? "damaged" : "present";
  return {
    ...{ name, description, state, path, sizeBytes, expectedSizeBytes },
    ...{ numLayers, numKvHeads, headDim, vocabSize },
  };
}

function print(model: ListedModel, output: Output): void {
  const { name, state, numLayers, numKvHeads, headDim, vocabSize } = model;
  const colour = ({ present: "green", missing: "blue", damaged: "red" } as const)[state];
  output.line(output.style("bold", name), "  ", output.style(colour, state));
  output.line(`  about  ${model.description}`);
  output.line(`  path   ${model.path}`);
  output.line(`  size   ${describeSize(model)}`);
  output.line(`  shape  ${numLayers} layers, ${numKvHeads} KV heads of ${headDim}, vocabulary ${vocabSize}`);
  if (state !== "present") output.line(`  get    inference-testkit models pull ${name}`);
}

function describeSize({ state, sizeBytes, expectedSizeBytes }: ListedModel): string {
  const expected = expectedSizeBytes === undefined ? "unknown" : formatBytes(expectedSizeBytes);
  if (sizeBytes === undefined) return `${expected} to download`;
  return state === "damaged" ? `${sizeBytes} bytes instead of ${expectedSizeBytes}` : formatBytes(sizeBytes);
}
