export { test } from "./test.js";
