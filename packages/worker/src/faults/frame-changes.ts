import type { AnswerForm, FrameChange } from "../jobs/index.js";

type JsonObject = Readonly<Record<string, unknown>>;

/** Changes the JSON of the last frame; of a token, that is the frame with its text. */
export function changeJson(change: (json: string, form: AnswerForm) => string): FrameChange {
  return (text, form) => {
    if (text === "") return text; // the dialect sends nothing for this event
    const start = startOfLastJson(text, form);
    const end = text.trimEnd().length;
    return text.slice(0, start) + change(text.slice(start, end), form) + text.slice(end);
  };
}

/** The same for the content of the JSON. */
export function changeValue(change: (value: JsonObject, form: AnswerForm) => JsonObject): FrameChange {
  return changeJson((json, form) => {
    const value = tryParse(json);
    if (value === undefined) return json; // another fault has broken it
    return JSON.stringify(change(value, form));
  });
}

/** An object without one of its keys. */
export function omit(value: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

/** Puts a frame of an unknown type before the others. */
export const addUnknownFrame: FrameChange = (text, { framing }) => {
  const data = '{"type":"surprise","why":"stub fault"}';
  if (framing === "ndjson") return `${data}\n${text}`;
  const name = text.startsWith("event: ") ? "event: surprise\n" : "";
  return `${name}data: ${data}\n\n${text}`;
};

function startOfLastJson(text: string, { framing }: AnswerForm): number {
  if (framing === "json") return 0;
  const whole = text.trimEnd();
  return framing === "ndjson" ? whole.lastIndexOf("\n") + 1 : whole.lastIndexOf("data: ") + "data: ".length;
}

function tryParse(json: string): JsonObject | undefined {
  try {
    return JSON.parse(json) as JsonObject;
  } catch {
    return undefined;
  }
}
