// Tokens a second of real llama.cpp through HTTP and SSE, against a bare in-process loop over node-llama-cpp with the same model,
// threads and parameters.
import { collectSseEvents, extractEndEvent, makeTestRequest, TestModel, WorkerTestHarness } from "inference-testkit";
import { getLlama } from "node-llama-cpp";
import { alternate, median, pairedRatio, report } from "./measure.mjs";

const ROUNDS = 15;
const TOKEN_COUNT = 1_000;
const THREADS = 1;

const { path: modelPath } = await TestModel.synthetic();
const worker = await WorkerTestHarness.start(modelPath, -1, { threads: THREADS });
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: THREADS });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ sequences: 1, threads: THREADS });

try {
  const { bare, served } = await alternate(ROUNDS, { bare: generateBare, served: generateServed });
  const detail = `${median(served).toFixed(0)} against ${median(bare).toFixed(0)} tokens/s, ${THREADS} thread, median of ${ROUNDS} paired runs`;
  report({
    what: "real engine over HTTP and SSE against a bare loop",
    value: pairedRatio(served, bare),
    goal: "≥ 0.9",
    detail,
  });
} finally {
  await worker.stop();
  await llama.dispose();
}

/** Tokens a second of the loop alone; every run has its own seed, so that a run that meets an early end does not repeat. */
async function generateBare() {
  const sequence = context.getSequence();
  const startedAt = performance.now();
  let count = 0;
  const options = { temperature: 0.7, topP: 1, topK: 0, minP: 0, seed: count + 1, yieldEogToken: true };
  for await (const token of sequence.evaluate(model.tokenize("Hello"), options)) {
    model.detokenize([token]);
    if (++count === TOKEN_COUNT || model.isEogToken(token)) break;
  }
  const tokensPerSecond = (count * 1000) / (performance.now() - startedAt);
  sequence.dispose();
  return tokensPerSecond;
}

async function generateServed() {
  const startedAt = performance.now();
  const events = await collectSseEvents(
    await worker.execute(makeTestRequest(`job-${startedAt}`, "Hello", TOKEN_COUNT)),
  );
  return (extractEndEvent(events).tokens_out * 1000) / (performance.now() - startedAt);
}
