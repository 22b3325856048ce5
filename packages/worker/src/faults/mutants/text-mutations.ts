import { StopMatcher, TextPipeline, Utf8Joiner, type Pipeline, type StopMatch } from "../../text/index.js";
import type { CreateMutation, Mutation } from "./mutation.js";

/** A pipeline that joins characters as it should, and finds stop sequences in its own way. */
function matchBy(match: (text: string, so: { far: string }) => StopMatch): Pipeline {
  const joiner = new Utf8Joiner();
  const so = { far: "" };
  const take = (text: string): StopMatch => {
    const found = match(text, so);
    so.far += text;
    return found;
  };
  return { push: (bytes) => take(joiner.push(bytes)), end: () => take(joiner.end()) };
}

function withPipeline(createPipeline: NonNullable<Mutation["createPipeline"]>): CreateMutation {
  return () => ({ createPipeline });
}

/** The sequence that the text so far and the next piece complete. */
function findCompleted(stops: readonly string[], far: string, text: string): { stop: string; end: number } | undefined {
  const whole = far + text;
  for (const stop of stops) {
    const start = whole.indexOf(stop, Math.max(0, far.length - stop.length + 1));
    if (start !== -1) return { stop, end: start + stop.length - far.length };
  }
  return undefined;
}

/** The defects of text and stop sequences. */
export const TEXT_MUTATIONS = {
  "text.decodes-each-token": withPipeline((stops, isStream) => {
    if (!isStream) return new TextPipeline(stops);
    const matcher = new StopMatcher(stops);
    return {
      push: (bytes) => matcher.push(new TextDecoder().decode(bytes)),
      end: () => ({ text: matcher.end() }),
    };
  }),
  "stop.within-one-token": withPipeline((stops) =>
    matchBy((text) => {
      const stop = stops.find((each) => text.includes(each));
      return stop === undefined ? { text } : { text: text.slice(0, text.indexOf(stop)), matched: stop };
    }),
  ),
  "stop.sends-the-sequence": withPipeline((stops) =>
    matchBy((text, { far }) => {
      const found = findCompleted(stops, far, text);
      return found === undefined ? { text } : { text: text.slice(0, found.end), matched: found.stop };
    }),
  ),
  "stop.leaks-prefix": withPipeline((stops) =>
    matchBy((text, { far }) => {
      const found = findCompleted(stops, far, text);
      if (found === undefined) return { text };
      return { text: text.slice(0, Math.max(0, found.end - found.stop.length)), matched: found.stop };
    }),
  ),
  "stop.forgets-withheld-text": withPipeline((stops) => {
    const pipeline = new TextPipeline(stops);
    return {
      push: (bytes) => pipeline.push(bytes),
      end: () => {
        const { text, ...match } = pipeline.end();
        return stops.length === 0 ? { text, ...match } : { text: "", ...match };
      },
    };
  }),
} as const satisfies Readonly<Record<string, CreateMutation>>;
