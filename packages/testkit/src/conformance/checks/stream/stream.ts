import { describeContentType, isStreamContentType } from "../../../dialects/index.js";
import { defineCheck } from "../../check.js";
import { expect, fail, inconclusive } from "../../verdict.js";

export const contentType = defineCheck({
  id: "stream.content-type",
  title: "a stream has the content type of its framing",
  level: "smoke",
  why: "Proxies buffer, and clients reject, a stream with another content type.",
  source: "WHATWG HTML, 9.2 Server-sent events: text/event-stream; NDJSON: application/x-ndjson",
  run: async ({ target, prompts }) => {
    const { status, headers } = await target.ask(prompts.endless());
    expect("status", status).toBe(200);
    const wanted = describeContentType(target.dialect);
    expect("content-type", headers["content-type"]).toSatisfy(wanted, (type) =>
      isStreamContentType(target.dialect, type),
    );
  },
});

export const oneTerminalEvent = defineCheck({
  id: "stream.one-terminal-event",
  title: "a stream ends with one terminal event, and then the connection ends the body",
  level: "smoke",
  why: "Without an end that can be told from a broken connection, clients take half of an answer for all of it.",
  source: "OpenAI API reference, Streaming: terminated by data: [DONE]; RFC 9112, 8 Handling incomplete messages",
  run: async ({ target, prompts }) => {
    const answer = await target.generate(prompts.endless());
    const terminal = answer.events.filter(({ type }) => type === "end" || type === "error");
    expect("number of terminal events", terminal.length).toBe(1);
    if (!answer.isClosed) fail({ expected: "the body to end after the terminal event", got: "a body that stays open" });
  },
});

/** Shorter answers may arrive at once. */
const LEAST_SPREAD_MS = 100;
/** In shorter ones, one pause of a busy machine can look like an answer that was held back: it is asked for a longer one first. */
const SURE_MS = 1000;
const LAST_ATTEMPT = 3;

export const arrivesInPieces = defineCheck({
  id: "stream.arrives-while-generated",
  title: "tokens arrive while the rest is generated",
  level: "smoke",
  why: "A server or proxy that collects the answer and sends it at its end makes users wait as if there were no stream.",
  source: "https://github.com/waybarrios/vllm-mlx/pull/200; https://github.com/BerriAI/litellm/issues/28384",
  budgetMs: 40_000,
  run: async ({ target, prompts, attempt }) => {
    const prompt = prompts.endless();
    const one = await target.generate(prompt, { max_tokens: 1 });
    const many = await target.generate(prompt, { max_tokens: 64 * 4 ** (attempt - 1) });
    const generationMs = many.durationMs - one.durationMs;
    if (many.tokens.length < 8) inconclusive(`8 tokens: the model ended after ${many.tokens.length}`);
    if (generationMs < LEAST_SPREAD_MS)
      inconclusive(`${LEAST_SPREAD_MS} ms of generation: it took ${generationMs.toFixed()} ms`);
    const waitedMs = (many.firstTokenMs ?? many.durationMs) - one.durationMs;
    const got = `the first token after ${many.firstTokenMs?.toFixed()} ms, the last one after ${many.durationMs.toFixed()} ms`;
    if (waitedMs <= generationMs / 2) return;
    if (generationMs < SURE_MS && attempt < LAST_ATTEMPT)
      inconclusive(`${SURE_MS} ms of generation to be sure: ${got}`);
    fail({ expected: "the first token long before the last one", got });
  },
});

export const usageAgrees = defineCheck({
  id: "stream.usage-agrees-with-tokens",
  title: "the reported number of tokens is not less than the token events, and not zero",
  level: "standard",
  why: "Bills and quotas are made from the usage; one that is too low is revenue lost, or a limit passed.",
  source: "OpenAI API reference, usage.completion_tokens: number of tokens in the generated completion",
  needs: ["usage"],
  isShared: true,
  run: async ({ target, prompts }) => {
    const answer = await target.generate(prompts.endless(), { max_tokens: 24 });
    if (answer.tokens.length === 0) inconclusive("a token event: the answer has none");
    expect("reported number of tokens", answer.tokenCount).toBeAtLeast(answer.tokens.length);
    expect("reported number of tokens", answer.tokenCount).toBeAtMost(24);
  },
});

export const equalsWhole = defineCheck({
  id: "stream.equals-whole-answer",
  title: "the tokens of a stream are the text of the answer without streaming",
  level: "standard",
  why: "Two code paths in a server drift apart: text is lost, doubled or changed in one of them.",
  source: "https://github.com/vllm-project/vllm/issues/30099",
  needs: ["whole-answer"],
  isShared: true,
  run: async ({ target, prompts }) => {
    const prompt = prompts.endless();
    const streamed = await target.generate(prompt, { max_tokens: 32 });
    const whole = await target.generate(prompt, { max_tokens: 32, extraBody: { stream: false } });
    if (streamed.text === whole.text) return;
    const again = await target.generate(prompt, { max_tokens: 32 });
    if (again.text !== streamed.text) inconclusive("the same text twice at temperature 0: two streams differ");
    expect("text of the stream", streamed.text).toBe(whole.text);
  },
});
