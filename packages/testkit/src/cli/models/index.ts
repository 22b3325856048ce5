export { runModelsList } from "./list-models.js";
export { runModelsPull } from "./pull-model.js";
