import { findOrderViolation } from "../../../events/index.js";
import { defineCheck } from "../../check.js";
import { expect, fail, inconclusive } from "../../verdict.js";
import { expectObject, readMessages } from "./read-messages.js";

export const everyEventParses = defineCheck({
  id: "stream.every-event-parses",
  title: "every message of a stream is a JSON object of its own",
  level: "standard",
  why: "Clients parse message by message; one that continues in the next message ends their stream with an error.",
  source: "WHATWG HTML, 9.2.6: an event is dispatched at a blank line; RFC 8259, 2",
  run: async ({ target, prompts }) => {
    const messages = readMessages(await target.ask(prompts.endless()), target.dialect.capabilities.framing);
    if (messages.length === 0) fail({ expected: "messages in the stream", got: "none" });
    for (const message of messages) if (message !== "[DONE]") expectObject(message);
  },
});

export const tokensAreInOrder = defineCheck({
  id: "stream.tokens-are-in-order",
  title: "the numbers of the tokens of a stream count 0, 1, 2, without a gap",
  level: "standard",
  why: "A token that is lost, sent twice or out of turn changes the text, and nothing else shows it.",
  source: "docs/wire-protocol.md: started, then token events whose `i` counts 0, 1, 2, …, then one terminal event",
  needs: ["token-numbers"],
  isShared: true,
  run: async ({ target, prompts }) => {
    const { events } = await target.generate(prompts.endless(), { max_tokens: 24 });
    const violation = findOrderViolation(events);
    if (violation === undefined) return;
    const { index, expected, actual } = violation;
    fail({ expected: `event ${index} of the stream to be ${expected}`, got: actual });
  },
});

export const idsAreConstant = defineCheck({
  id: "stream.id-is-constant",
  title: "the id of an answer is the same in all of its messages, and another one in the next answer",
  level: "standard",
  why: "Clients join chunks and look up logs by the id; one that changes or repeats joins the wrong ones.",
  source: "OpenAI API reference, chat completion chunk: each chunk has the same id",
  needs: ["stream-id"],
  run: async ({ target, prompts }) => {
    const read = async (): Promise<readonly unknown[]> => {
      const messages = readMessages(await target.ask(prompts.endless()), target.dialect.capabilities.framing);
      return [...new Set(messages.filter((each) => each !== "[DONE]").map((each) => expectObject(each)["id"]))];
    };
    const first = await read();
    if (first.length === 0) inconclusive("a message in the stream");
    expect("ids of one answer", first).toSatisfy("one id", (ids) => ids.length === 1 && typeof ids[0] === "string");
    expect("id of the next answer", (await read())[0]).toSatisfy("another one", (id) => id !== first[0]);
  },
});

export const noUsageUnasked = defineCheck({
  id: "stream.no-usage-unless-asked",
  title: "a chunk without choices is only sent if usage was asked for",
  level: "standard",
  why: "Clients read `choices[0]` of every chunk; one without choices that they did not ask for ends them with an error.",
  source: "OpenAI API reference, stream_options.include_usage: if set, an additional chunk with an empty choices array",
  needs: ["stream-id"],
  run: async ({ target, prompts }) => {
    const answer = await target.ask(prompts.endless(), { extraBody: { stream_options: { include_usage: false } } });
    const messages = readMessages(answer, target.dialect.capabilities.framing).filter((each) => each !== "[DONE]");
    if (messages.length === 0) fail({ expected: "messages in the stream", got: "none" });
    const empty = messages.filter((each) => {
      const { choices } = expectObject(each);
      return Array.isArray(choices) && choices.length === 0;
    });
    expect("chunks without choices", empty).toSatisfy("none", ({ length }) => length === 0);
  },
});
