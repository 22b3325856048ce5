import type { ExitInfo } from "../../launch/index.js";
import { describeOutcome, type StreamOutcome } from "../../events/index.js";
import { isTestkitError } from "../../errors/index.js";
import type { CheckContext } from "../context.js";
import type { Answer } from "../target/answer.js";
import { fail, inconclusive } from "../verdict.js";
import { GRACE_MS, launch } from "./launched.js";

const MAX_TOKENS = 400;
const LEAST_TOKENS = 3;

/** What became of a stream whose server was ended. */
export interface EndedStream {
  readonly outcome: StreamOutcome;
  readonly answer: Answer;
  /** Token events when the signal was sent. */
  readonly tokensBefore: number;
  /** `undefined`: the process was still alive at the end of the grace. */
  readonly exit: ExitInfo | undefined;
}

/** Starts another process of the server and sends it a signal in the middle of a stream. */
export async function endDuringStream(context: CheckContext, signal: NodeJS.Signals): Promise<EndedStream> {
  const { harness, target } = await launch(context);
  let tokensBefore: number | undefined;
  const answer = await target.attempt(context.prompts.endless(), { max_tokens: MAX_TOKENS }, (events) => {
    const tokens = events.filter(({ type }) => type === "token").length;
    if (tokensBefore !== undefined || tokens < LEAST_TOKENS || events.some(({ type }) => type === "end")) return;
    tokensBefore = tokens;
    harness.kill(signal);
  });
  if (tokensBefore === undefined) inconclusive(`a stream to cut: the model ended after ${answer.tokens.length} tokens`);
  const exit = await harness.waitForExit({ timeoutMs: GRACE_MS }).catch((error: unknown) => {
    if (isTestkitError(error, "EXIT_TIMEOUT")) return undefined;
    throw error;
  });
  return { outcome: answer.outcome, answer, tokensBefore, exit };
}

/** Fails for a stream that only looks complete. Silence is the business of another check. */
export function expectNoCleanEnd({ outcome, answer, tokensBefore }: EndedStream): void {
  const got = `${describeOutcome(outcome)}, ${answer.tokens.length} tokens (${tokensBefore} before the signal)`;
  const expected = `all ${MAX_TOKENS} tokens, an error event, or a connection that breaks`;
  if (outcome.status === "truncated") fail({ expected, got });
  if (outcome.status !== "complete") return;
  const isLimit = answer.stopReason === "max_tokens";
  const isCounted = answer.end?.tokens_out_estimated !== true;
  if (isLimit && isCounted && answer.tokenCount < MAX_TOKENS) fail({ expected, got: `${got}, stop reason max_tokens` });
}
