export { expect } from "./expect.js";
export { test } from "./fixtures.js";
