export type { EvidenceFixtureOptions } from "./evidence.js";
export { expect, type InferenceMatchers } from "./expect.js";
export { test, type InferenceFixtures, type LlamaFixtureOptions } from "./fixtures.js";
