import { defineCheck } from "../../check.js";
import { fail, inconclusive } from "../../verdict.js";
import { expectObject, readMessages } from "./read-messages.js";

export const usageWhenAsked = defineCheck({
  id: "stream.usage-when-asked",
  title: "a stream whose request asks for the usage has the number of tokens",
  level: "standard",
  why: "Gateways bill by the usage of the stream; without it they count words, or bill nothing.",
  source:
    "OpenAI API reference, stream_options.include_usage: if set, an additional chunk has the usage of the request",
  needs: ["stream-id"],
  run: async ({ target, prompts }) => {
    const answer = await target.ask(prompts.endless(), { extraBody: { stream_options: { include_usage: true } } });
    const messages = readMessages(answer, target.dialect.capabilities.framing).filter((each) => each !== "[DONE]");
    if (messages.length === 0) inconclusive("a message in the stream");
    const usages = messages.map((each) => expectObject(each)["usage"]);
    const counted = usages.find(
      (each) => typeof (each as { completion_tokens?: unknown } | null)?.completion_tokens === "number",
    );
    if (counted === undefined) fail({ expected: "a chunk with `usage.completion_tokens`", got: "none" });
  },
});
