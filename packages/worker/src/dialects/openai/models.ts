import type { ServedModel } from "../dialect.js";
import { requireModel } from "../failures.js";

/** The answer of `GET /v1/models`. */
export function listModels({ names, contextLength }: ServedModel, createdAtMs: number) {
  const created = Math.floor(createdAtMs / 1000);
  const data = names.map((id) => ({
    id,
    object: "model",
    created,
    owned_by: "worker-orcd",
    max_model_len: contextLength,
  }));
  return { object: "list", data };
}

/** The answer of `GET /v1/models/{id}`. @throws {WorkerError} NOT_FOUND */
export function describeModel(id: string, served: ServedModel, createdAtMs: number) {
  requireModel(id, served);
  return listModels({ ...served, names: [id] }, createdAtMs).data[0];
}
