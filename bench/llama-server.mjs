// worker-orcd against llama-server: the same model, one thread and one slot each, the same prompts through the same client and dialect,
// in turns. Tokens a second of the generation, and the time to the first token. Skipped where llama-server is missing.
import { existsSync } from "node:fs";
import { collectStream, makeTestRequest, TestModel, WorkerTestHarness } from "inference-testkit";
import { servers } from "inference-testkit/servers";
import { alternate, median, pairedRatio, report } from "./measure.mjs";

const ROUNDS = 9;
const TOKEN_COUNT = 96;
const DIALECT = "openai-completions";
const SERVER = "models/llama-server/llama-server";

const model = TestModel.smolLm2();
if (!model.exists() || !existsSync(SERVER)) {
  console.log(
    "skipped  worker-orcd against llama-server: `bash scripts/ensure-llama-server.sh` installs the server and the model",
  );
  process.exit();
}

const worker = await WorkerTestHarness.start(model.path, -1, { threads: 1, contextSize: 2048 });
const orcd = await WorkerTestHarness.attach(worker.baseUrl, { dialect: DIALECT });
const other = await WorkerTestHarness.launch({
  ...servers.llamaServer({ model: model.path, contextSize: 2048 }),
  command: SERVER,
  dialect: DIALECT,
});
let job = 0;
try {
  const runs = await alternate(ROUNDS, { orcd: () => generate(orcd), llamaServer: () => generate(other) });
  const rates = (name) => runs[name].map(({ tokensPerSecond }) => tokensPerSecond);
  const waits = (name) => runs[name].map(({ firstTokenMs }) => firstTokenMs);
  const detail = (values, unit) =>
    `${median(values("orcd")).toFixed(1)} against ${median(values("llamaServer")).toFixed(1)} ${unit}`;
  report({
    what: "tokens a second of worker-orcd against llama-server, SmolLM2",
    value: pairedRatio(rates("orcd"), rates("llamaServer")),
    goal: "≥ 0.97",
    detail: `${detail(rates, "tokens/s")}, ${TOKEN_COUNT} tokens, median of ${ROUNDS} paired runs`,
  });
  report({
    what: "time to the first token, the same",
    value: pairedRatio(waits("orcd"), waits("llamaServer")),
    detail: detail(waits, "ms"),
  });
} finally {
  await orcd.stop();
  await worker.stop();
  await other.stop();
}

/** One answer; each has a prompt of its own, so that no server has its prefix in a cache. */
async function generate(server) {
  job += 1;
  const prompt = `Story ${job}. Once upon a time, in a lighthouse at the end of the world, a keeper counted the ships that passed.`;
  const request = makeTestRequest(`job-${job}`, prompt, TOKEN_COUNT, { temperature: 0, seed: null });
  const response = await server.execute(request);
  const { events, arrivals } = await collectStream(response);
  const tokens = events.flatMap(({ type }, index) => (type === "token" ? [arrivals[index]] : []));
  if (tokens.length < TOKEN_COUNT / 2) throw new Error(`expected about ${TOKEN_COUNT} tokens, got ${tokens.length}`);
  const [first, last] = [tokens[0], tokens.at(-1)];
  return { firstTokenMs: first - response.sentAtMs, tokensPerSecond: ((tokens.length - 1) * 1000) / (last - first) };
}
