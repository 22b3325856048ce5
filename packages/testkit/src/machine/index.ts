export { describeMachine, type MachineFacts } from "./machine.js";
