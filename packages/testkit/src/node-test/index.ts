export { test, type WorkerTest } from "./test.js";
