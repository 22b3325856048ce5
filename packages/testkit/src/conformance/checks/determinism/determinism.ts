import type { DeterminismLevel } from "inference-worker-protocol";
import { slotsOf } from "../../capabilities.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { WorkerClient, type ExecuteBody } from "../../../client/index.js";
import { collectStream, extractText } from "../../../events/index.js";
import { fail, inconclusive, notApplicable } from "../../verdict.js";
import { findDivergence } from "../shared/find-divergence.js";

const FIELDS = { max_tokens: 32, temperature: 0 };
const GUIDE = "https://docs.vllm.ai/en/latest/usage/reproducibility/";

/** A divergence fails a server that guarantees the level. For one that does not, the check does not apply, and reports what was seen. */
function judge({ server }: CheckContext, level: DeterminismLevel, [first, second]: readonly [string, string]): void {
  const divergence = findDivergence(first, second);
  if (divergence === undefined) return;
  const isDeclared = [...(server.profile.determinism ?? []), ...server.probes.determinism].includes(level);
  if (!isDeclared) notApplicable(`determinism \`${level}\` is not declared, and seen not to hold: ${divergence}`);
  fail({ expected: "the same text at temperature 0", got: divergence });
}

export const repeat = defineCheck({
  id: "determinism.repeat",
  title: "the same request gives the same text again",
  level: "standard",
  why: "Regression tests compare answers with earlier ones; they are worthless if the server is not repeatable.",
  source: GUIDE,
  run: async (context) => {
    const prompt = context.prompts.endless();
    const first = await context.target.generate(prompt, FIELDS);
    const second = await context.target.generate(prompt, FIELDS);
    judge(context, "repeat", [first.text, second.text]);
  },
});

export const afterAnother = defineCheck({
  id: "determinism.after-another-request",
  title: "a request gives the same text after another one that shares its beginning",
  level: "standard",
  why: "A prefix cache that keeps a block too many answers with the state of another prompt.",
  source: "https://github.com/huggingface/text-generation-inference/issues/2670",
  run: async (context) => {
    const { target, prompts } = context;
    const prompt = prompts.endless();
    const first = await target.generate(prompt, FIELDS);
    await target.generate(`${prompt} ${prompts.count()}`, { max_tokens: 8 });
    const second = await target.generate(prompt, FIELDS);
    judge(context, "repeat", [first.text, second.text]);
  },
});

export const restart = defineCheck({
  id: "determinism.restart",
  title: "another process of the same server gives the same text",
  level: "full",
  why: "Answers that change with each deployment cannot be compared.",
  source: GUIDE,
  needs: ["launch"],
  budgetMs: 180_000,
  run: async (context) => {
    const { target, prompts, launch, signal, server } = context;
    const prompt = prompts.endless();
    const first = await target.generate(prompt, FIELDS);
    const { baseUrl, headers } = await launch();
    const client = new WorkerClient({ baseUrl, headers, dialect: target.dialect, model: server.model });
    const { events, terminal } = await readWhole(client, target.request(prompt, FIELDS), signal);
    if (terminal?.type !== "end") inconclusive("a complete answer of the other process");
    const text = extractText(events);
    judge(context, "restart", [first.text, text]);
  },
});

async function readWhole(client: WorkerClient, request: ExecuteBody, signal: AbortSignal) {
  try {
    return await collectStream(await client.execute(request, { signal }), { signal });
  } finally {
    await client.close();
  }
}

/** The same request alone, and then several times at once. */
async function amongOthers(context: CheckContext, level: "slot" | "load"): Promise<void> {
  const { target, prompts, server } = context;
  const prompt = prompts.endless();
  const alone = await target.generate(prompt, FIELDS);
  const slotCount = Math.min(4, slotsOf(server, 2));
  const promptsAtOnce = Array.from({ length: slotCount }, (_, index) =>
    level === "slot" || index === 0 ? prompt : prompts.count(),
  );
  const answers = await Promise.all(promptsAtOnce.map((each) => target.generate(each, FIELDS)));
  const same = answers.filter((_, index) => promptsAtOnce[index] === prompt);
  for (const answer of same) judge(context, level, [alone.text, answer.text]);
}

export const slot = defineCheck({
  id: "determinism.slot",
  title: "every slot gives the same text for the same request",
  level: "full",
  why: "A slot with state of its own gives one user in N another answer, and nobody can repeat it.",
  source: GUIDE,
  needs: ["slot-count"],
  budgetMs: 90_000,
  run: (context) => amongOthers(context, "slot"),
});

export const load = defineCheck({
  id: "determinism.load",
  title: "a request gives the same text alone and beside other ones",
  level: "full",
  why: "Batching that changes the numbers changes answers with the traffic of others.",
  source: GUIDE,
  needs: ["slot-count"],
  budgetMs: 90_000,
  run: (context) => amongOthers(context, "load"),
});
