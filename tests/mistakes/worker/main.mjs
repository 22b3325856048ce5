// node main.mjs --port <n> --id <id> [--mistake <id>]
import { parseArgs } from "node:util";
import { MISTAKES } from "./mistakes.mjs";
import { Worker } from "./worker.mjs";

const { values } = parseArgs({
  options: { port: { type: "string" }, id: { type: "string" }, mistake: { type: "string" } },
});
const worker = new Worker(values);
if (values.mistake !== undefined) await MISTAKES[values.mistake](worker);
await worker.start();
