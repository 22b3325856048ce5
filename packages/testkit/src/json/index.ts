export { addJsonPlace, describeJsonError, describePlace, findJsonError, findJsonPlace } from "./json-place.js";
