export type { SyntheticModelOptions } from "./synthetic-model.js";
export { TestModel, type TestModelFacts } from "./test-model.js";
