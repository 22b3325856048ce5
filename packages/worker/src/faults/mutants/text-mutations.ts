import { WorkerError } from "inference-worker-protocol";
import { StopMatcher, TextPipeline } from "../../text/index.js";
import type { CreateMutation, Mutation } from "./mutation.js";

/** A mutation of the way from tokens to text. */
export function withPipeline(createPipeline: NonNullable<Mutation["createPipeline"]>): CreateMutation {
  return () => ({ createPipeline });
}

/** The defects of text. */
export const TEXT_MUTATIONS = {
  "text.decodes-each-token": withPipeline((stops, isStream) => {
    if (!isStream) return new TextPipeline(stops);
    const matcher = new StopMatcher(stops);
    return {
      push: (bytes) => matcher.push(new TextDecoder().decode(bytes)),
      end: () => ({ text: matcher.end() }),
    };
  }),
  "text.shows-tokenizer-markers": withPipeline((stops) => {
    const pipeline = new TextPipeline(stops);
    return {
      push: (bytes) => {
        const { text, ...match } = pipeline.push(bytes);
        return { text: text.replaceAll(" ", "\u0120"), ...match };
      },
      end: () => pipeline.end(),
    };
  }),
  "text.fails-on-a-cut-character": withPipeline((stops) => {
    const pipeline = new TextPipeline(stops);
    return {
      push: (bytes) => pipeline.push(bytes),
      end: () => {
        const last = pipeline.end();
        if (last.text.endsWith("\uFFFD")) throw new WorkerError("INTERNAL", "unexpected end of data");
        return last;
      },
    };
  }),
} as const satisfies Readonly<Record<string, CreateMutation>>;
