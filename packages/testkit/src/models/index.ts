export { TestModel } from "./test-model.js";
