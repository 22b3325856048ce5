export { GENERATION_FAULTS, type GenerationFaultId, type StubPlan, type StubPlans } from "./plan.js";
export { parseStubConfig, type StubConfig } from "./stub-config.js";
export { StubEngine } from "./stub-engine.js";
