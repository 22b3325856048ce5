import type { EngineFeature } from "../engine/engine.js";
import type { ServedModel } from "./dialect.js";
import { invalidField } from "./failures.js";

/** @throws {WorkerError} INVALID_REQUEST when the engine cannot do what a field asks for. */
export function requireFeature({ features }: ServedModel, feature: EngineFeature, field: string): void {
  if (!features.has(feature))
    throw invalidField(field, `is not supported by the engine of this worker (no ${feature})`);
}
