import { defineCheck } from "../../check.js";
import { expect } from "../../verdict.js";

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

export const listsItsModel = defineCheck({
  id: "ready.lists-the-model-that-answers",
  title: "every model in the list of models answers a request",
  level: "standard",
  why: "Clients choose a model from the list; one that cannot be asked for fails only in production.",
  source: "OpenAI API reference, List models: the currently available models",
  needs: ["models"],
  budgetMs: 60_000,
  run: async ({ target, prompts, server }) => {
    const [first] = server.probes.modelNames;
    expect("the first model of the list", first).toSatisfy("a name", (name) => name !== undefined);
    await target.generate(prompts.endless(), { model: first, max_tokens: 1 });
  },
});
