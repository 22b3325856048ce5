import { defineCheck } from "../../check.js";
import { expect, forEach } from "../../verdict.js";

export const answersFirstRequest = defineCheck({
  id: "ready.answers-one-token",
  title: "a server that is ready answers a request of one token",
  level: "smoke",
  why: "A load balancer sends traffic to a server that is ready; if it cannot generate yet, the first clients fail.",
  source: "Kubernetes, readiness probes: a container that is ready can serve requests",
  run: async ({ target, prompts }) => {
    const answer = await target.generate(prompts.endless(), { max_tokens: 1 });
    expect("number of tokens", answer.tokenCount).toBe(1);
  },
});

/** Each model of a server with many has to be loaded. */
const MOST_MODELS = 3;

export const listsItsModels = defineCheck({
  id: "ready.lists-the-model-that-answers",
  title: "every model in the list of models answers a request",
  level: "standard",
  why: "Clients choose a model from the list; one that cannot be asked for fails only in production.",
  source: "OpenAI API reference, List models: the currently available models",
  needs: ["models"],
  budgetMs: 60_000,
  run: async ({ target, prompts, server }) => {
    const { modelNames } = server.probes;
    expect("number of models", modelNames.length).toBeAtLeast(1);
    await forEach(
      modelNames.slice(0, MOST_MODELS),
      (model) => `model ${JSON.stringify(model)}`,
      async (model) => {
        const { status } = await target.ask(prompts.endless(), { model, max_tokens: 1 });
        expect("status", status).toBe(200);
      },
    );
  },
});
