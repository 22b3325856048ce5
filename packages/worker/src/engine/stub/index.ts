export { parseStubConfig, type StubConfig } from "./stub-config.js";
export { StubEngine } from "./stub-engine.js";
