export { describeJsonError, describePlace, findJsonError, findJsonPlace, type JsonPlace } from "./json-place.js";
