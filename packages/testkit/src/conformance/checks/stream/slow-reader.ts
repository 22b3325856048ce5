import { collectStream, describeOutcome, extractText, type CollectedStream } from "../../../events/index.js";
import { formatMs } from "../../../numbers/index.js";
import { defineCheck } from "../../check.js";
import type { CheckContext } from "../../context.js";
import { findLargestAnswer } from "../../observe/largest-answer.js";
import { readStream, type RawStream, type RequestsAhead } from "../../target/raw-stream.js";
import { fail, inconclusive, notApplicable } from "../../verdict.js";
import { findDivergence } from "../shared/find-divergence.js";

/** As many tokens as the server makes in this time: much more than a receive window holds, if the server is fast. */
const GENERATION_MS = 8_000;
const SAMPLE_TOKENS = 16;
const MOST_TOKENS = 2_000;
/** More than the receive buffer of a client holds, 128 KiB on Linux, which does not grow if nobody reads. */
const BUFFERED_BYTES = 192 * 1024;
const MOST_REQUESTS_AHEAD = 1_000;
/** How long the client is slow after the server has made the last token. */
const AFTER_THE_END_MS = 1_500;

export const slowReader = defineCheck({
  id: "stream.slow-reader-gets-everything",
  title: "a client that reads one byte every 10 ms, also after the last token was made, gets the whole stream in order",
  level: "standard",
  why: "A server that drops tokens or resets the connection instead of waiting for its reader loses the end of answers on mobile networks only.",
  source: "RFC 9112, 9.6: with an immediate close, the client may not be able to read the last response",
  budgetMs: 90_000,
  run: async (context) => {
    const { target, prompts } = context;
    const prompt = prompts.endless();
    const fields = { max_tokens: await planTokens(context) };
    const quick = await target.generate(prompt, fields);
    const ahead = await planRequestsAhead(context);
    const byteCount = quick.chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (ahead === undefined && byteCount < BUFFERED_BYTES)
      notApplicable(`the buffers of two systems hold the whole stream of ${byteCount} bytes: the server never waits`);
    const slowMs = 2 * quick.durationMs + AFTER_THE_END_MS; // the second answer may take longer than the first one
    const { signal } = context;
    const slow = await readStream(target, target.encode(prompt, fields), {
      signal,
      slowMs,
      silenceMs: slowMs + target.silenceMs,
      ahead,
    });
    const stream = await decode(context, slow);
    const divergence = findDivergence(quick.text, extractText(stream.events));
    if (divergence === undefined) return;
    const again = await target.generate(prompt, fields);
    if (again.text !== quick.text) return; // complete and in order, and nothing to compare it with
    fail({ expected: "the text that a quick reader gets", got: divergence });
  },
});

/**
 * A stream of a slow server is too small for the receive window of a client that does not read. Answers to GET requests on the same
 * connection fill it first.
 *
 * @returns `undefined` for a server that does not answer requests in a row (RFC 9112, 9.3.2), which it need not.
 */
async function planRequestsAhead(context: CheckContext): Promise<RequestsAhead | undefined> {
  const { target, prompts, signal } = context;
  const { path, answerBytes } = await findLargestAnswer(context);
  const repeat = (each: number): RequestsAhead => {
    const count = Math.min(MOST_REQUESTS_AHEAD, Math.ceil(BUFFERED_BYTES / each));
    return { text: target.writeHead(`GET ${path}`, []).repeat(count), count };
  };
  const sample = repeat(answerBytes);
  const job = target.encode(prompts.endless(), { max_tokens: 1 });
  const read = await readStream(target, job, { signal, silenceMs: target.silenceMs, ahead: sample });
  if (read.status !== 200 || read.problem !== undefined) return undefined;
  return repeat(read.aheadBytes / sample.count);
}

async function planTokens({ target, prompts, server }: CheckContext): Promise<number> {
  const sample = await target.generate(prompts.endless(), { max_tokens: SAMPLE_TOKENS });
  const decodeMs = Math.max(1, sample.durationMs - (sample.firstTokenMs ?? 0));
  const perMs = Math.max(1, sample.tokenCount - 1) / decodeMs;
  const { maxTokens = MOST_TOKENS, contextTokens = 2 * MOST_TOKENS } = server.profile.limits ?? {};
  const most = Math.min(MOST_TOKENS, maxTokens, Math.floor(contextTokens / 2));
  return Math.max(SAMPLE_TOKENS, Math.min(most, Math.floor(perMs * GENERATION_MS)));
}

/** Fails unless all of the stream is there. */
async function decode({ target, signal }: CheckContext, slow: RawStream): Promise<CollectedStream> {
  const expected = "the whole stream for a client that reads slowly";
  if (slow.problem !== undefined) fail({ expected, got: `${slow.body.length} bytes, then: ${slow.problem}` });
  if (slow.status !== 200) inconclusive(`a stream: the server answers ${slow.status}`);
  const body = (async function* () {
    yield await Promise.resolve(slow.body);
  })();
  const stream = await collectStream(body, { dialect: target.dialect, signal });
  if (stream.outcome.status !== "complete") fail({ expected, got: describeOutcome(stream.outcome) });
  return stream;
}

/** Times the silence that ends other checks: 60 s, after which nginx gives up by default. */
const PATIENCE = 6;

/** About 1,300 tokens in a language that the tokenizer knows; fewer in each attempt, because the context may be small. */
const REPEATS = [4, 2, 1];

export const longPrefill = defineCheck({
  id: "stream.long-prefill-is-not-silent",
  title:
    "while a prompt of about 1,000 words is processed, headers, a keep-alive or a token is sent before the time-out",
  level: "full",
  why: "Proxies and clients end a connection that is silent for their time-out; the prefill is then repeated, and never arrives.",
  source:
    "nginx, proxy_read_timeout: 60 s by default; https://github.com/ggml-org/llama.cpp/pull/23884; https://github.com/ollama/ollama/pull/14420",
  budgetMs: 180_000,
  run: async ({ target, prompts, signal, attempt }) => {
    const prompt = Array.from({ length: REPEATS[attempt - 1] ?? 1 }, () => prompts.long()).join(" ");
    const encoded = target.encode(prompt, { max_tokens: 2 });
    const silenceMs = PATIENCE * target.silenceMs;
    const answer = await readStream(target, encoded, { signal, silenceMs: 1.2 * silenceMs });
    if (answer.longestSilenceMs > silenceMs)
      fail({
        expected: `a byte at least every ${formatMs(silenceMs)}`,
        got: `silence for ${formatMs(answer.longestSilenceMs)}`,
      });
    if (answer.status !== 200) inconclusive(`an answer to a long prompt: the server answers ${answer.status}`);
    if (answer.problem !== undefined) fail({ expected: "a complete answer", got: answer.problem });
  },
});
