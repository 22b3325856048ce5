export type { StubPlan } from "./plan.js";
export { findStrike, GENERATION_FAULTS, type GenerationFaultId } from "./strikes.js";
export { parseStubConfig, type StubConfig } from "./stub-config.js";
export { StubEngine } from "./stub-engine.js";
