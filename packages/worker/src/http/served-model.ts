import type { ServedModel } from "../dialects/dialect.js";
import type { WorkerState } from "./worker-state.js";

/** What a dialect may know of the worker. */
export function toServedModel({ engine, behavior }: WorkerState): ServedModel {
  const { model, contextLength, quantKind } = engine.info;
  const others = behavior.modelNames();
  return {
    names: [model, ...others.filter((name) => name !== "*" && name !== model)],
    takesEveryName: others.includes("*"),
    features: engine.features,
    contextLength,
    quantKind,
  };
}
