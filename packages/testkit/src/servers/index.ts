export { servers } from "./presets.js";
