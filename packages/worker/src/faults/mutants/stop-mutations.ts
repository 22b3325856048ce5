import { StopMatcher, TextPipeline, Utf8Joiner, type Pipeline, type StopMatch } from "../../text/index.js";
import { changingBody } from "./http-mutations.js";
import { mapValues } from "./change-body.js";
import type { CreateMutation } from "./mutation.js";
import { withPipeline } from "./text-mutations.js";

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

/** The sequence that the text so far and the next piece complete. */
function findCompleted(stops: readonly string[], far: string, text: string): { stop: string; end: number } | undefined {
  const whole = far + text;
  for (const stop of stops) {
    const start = whole.indexOf(stop, Math.max(0, far.length - stop.length + 1));
    if (start !== -1) return { stop, end: start + stop.length - far.length };
  }
  return undefined;
}

/** Where a stop sequence matches, if it is read as a pattern. */
function findPattern(stop: string, text: string): number {
  try {
    return new RegExp(stop).exec(text)?.index ?? -1;
  } catch {
    return text.indexOf(stop);
  }
}

/** Withholds as much text as the longest sequence has, less one character, and never sends it. */
function withholdWindow(stops: readonly string[]): Pipeline {
  const pipeline = new TextPipeline(stops);
  const windowLength = Math.max(1, ...stops.map(({ length }) => length)) - 1;
  let held = "";
  const push = (bytes: Uint8Array): StopMatch => {
    const { text, ...match } = pipeline.push(bytes);
    const all = held + text;
    const end = match.matched === undefined ? Math.max(0, all.length - windowLength) : all.length;
    held = all.slice(end);
    return { text: all.slice(0, end), ...match };
  };
  return { push, end: () => ({ text: "" }) };
}

/** Does not look for sequences in the last token that the limit allows. */
function matchUpTo(limit: number, stops: readonly string[]): Pipeline {
  const [joiner, matcher] = [new Utf8Joiner(), new StopMatcher(stops)];
  let count = 0;
  const push = (bytes: Uint8Array): StopMatch => {
    count += 1;
    const text = joiner.push(bytes);
    return count < limit ? matcher.push(text) : { text: matcher.end() + text };
  };
  return { push, end: () => ({ text: matcher.end() + joiner.end() }) };
}

/** The first match of a search that never looks at a character twice. */
function findWithoutReturn(stops: readonly string[], text: string): { stop: string; start: number } | undefined {
  for (const stop of stops) {
    let matched = 0;
    for (let at = 0; at < text.length; at += 1) {
      matched = text[at] === stop[matched] ? matched + 1 : 0;
      if (matched === stop.length) return { stop, start: at + 1 - stop.length };
    }
  }
  return undefined;
}

/** The defects of stop sequences. */
export const STOP_MUTATIONS = {
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
  "stop.compares-whole-tokens": withPipeline((stops) =>
    matchBy((text) => {
      const matched = stops.find((stop) => text.trim() === stop);
      return matched === undefined ? { text } : { text: "", matched };
    }),
  ),
  "stop.uses-the-first-of-the-list": withPipeline((stops) => new TextPipeline(stops.slice(0, 1))),
  "stop.keeps-four": changingBody((body) =>
    mapValues(body, (key, value) => (key === "stop" && Array.isArray(value) ? value.slice(0, 4) : value)),
  ),
  "stop.ascii-only": withPipeline((stops) => new TextPipeline(stops.filter((stop) => /^\p{ASCII}*$/u.test(stop)))),
  "stop.checks-the-limit-first": withPipeline((stops, _, { max_tokens: limit }) => matchUpTo(limit, stops)),
  "stop.searches-the-prompt": withPipeline((stops, _, { prompt }) => {
    const pipeline = new TextPipeline(stops);
    const matched = stops.find((stop) => prompt.includes(stop));
    return matched === undefined ? pipeline : { push: () => ({ text: "", matched }), end: () => pipeline.end() };
  }),
  "stop.is-a-pattern": withPipeline((stops) =>
    matchBy((text, { far }) => {
      const places = stops.map((stop) => ({ stop, start: findPattern(stop, far + text) }));
      const found = places.find(({ start }) => start >= 0);
      if (found === undefined) return { text };
      return { text: text.slice(0, Math.max(0, found.start - far.length)), matched: found.stop };
    }),
  ),
  "stop.loses-its-window": withPipeline((stops) => withholdWindow(stops)),
  "stop.begins-anew-after-a-mismatch": withPipeline((stops) =>
    matchBy((text, { far }) => {
      const found = findWithoutReturn(stops, far + text);
      if (found === undefined) return { text };
      return { text: text.slice(0, Math.max(0, found.start - far.length)), matched: found.stop };
    }),
  ),
} as const satisfies Readonly<Record<string, CreateMutation>>;
