export { matchers } from "./matchers.js";
