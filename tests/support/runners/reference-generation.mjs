// The same generation without worker, HTTP and stream: `reference-generation.mjs <model> <prompt> <token count>`, greedy. All
// tokens are turned into text at once, so no character can be cut.
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const [modelPath, prompt, count] = process.argv.slice(2);
const llama = await getLlama({ gpu: false, build: "never", progressLogs: false, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const context = await model.createContext({ contextSize: 1024, threads: 1, batchSize: 64 });
const output = [];
for await (const token of context.getSequence().evaluate(model.tokenize(prompt, true), { temperature: 0 })) {
  output.push(token);
  if (output.length === Number(count)) break;
}
console.log(`text ${JSON.stringify(model.detokenize(output))}`);
await llama.dispose();
process.exit(0);
