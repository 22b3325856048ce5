export { createSamplers } from "./create-samplers.js";
export type { HealthFacts, Look, Sampler } from "./source.js";
export { SourceStats } from "./source-stats.js";
export { readHealth } from "./worker-samplers.js";
