import { createHash } from "node:crypto";
import type { ServedModel } from "../dialect.js";
import { addTag } from "./common.js";

/** The version of Ollama's API that the routes follow. */
const API_VERSION = "0.33.0";

/** The answer of `GET /api/tags`. */
export function listTags(
  { names, quantKind }: ServedModel,
  { vramBytes, readyAtMs }: { readonly vramBytes: number; readonly readyAtMs: number },
) {
  const modified_at = new Date(readyAtMs).toISOString();
  const details = {
    parent_model: "",
    format: "gguf",
    family: "",
    families: null,
    parameter_size: "",
    quantization_level: quantKind,
  };
  const models = names.map(addTag).map((name) => {
    const digest = createHash("sha256").update(name).digest("hex");
    return { name, model: name, modified_at, size: vramBytes, digest, details };
  });
  return { models };
}

/** The answer of `GET /api/version`. */
export function describeVersion() {
  return { version: API_VERSION };
}
