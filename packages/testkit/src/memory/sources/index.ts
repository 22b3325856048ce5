export { createSamplers } from "./create-samplers.js";
export type { HealthFacts, Reading, Sampler } from "./source.js";
export { SourceStats } from "./source-stats.js";
export { readHealth } from "./worker-samplers.js";
