export { servers, type ServerPreset } from "./presets.js";
