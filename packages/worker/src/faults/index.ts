export { Mutants } from "./mutants/mutants.js";
export { StartFaults, START_NUMBER_VARIABLE } from "./start-faults.js";
export { StubControl } from "./stub-control.js";
