export { createSamplers } from "./create-samplers.js";
export type { HealthFacts, Look, Sampler } from "./source.js";
export { SourceBook } from "./source-book.js";
export { readHealth } from "./worker-samplers.js";
