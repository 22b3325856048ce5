import type { Tool } from "../chat.js";
import type { EngineOutput, EngineStop } from "../engine.js";
import { instanceOf } from "./json-instance.js";
import { splitWords } from "./split-words.js";
import type { StubReply } from "./stub-config.js";

/** How many characters of a call's arguments are sent in one event. */
const ARGUMENT_CHARACTERS = 8;

const encoder = new TextEncoder();

/** The tokens of a scripted reply: reasoning, text, calls. */
export function* contentOf(reply: StubReply): Generator<EngineOutput, EngineStop> {
  const { reasoning, text, toolCalls = [] } = reply;
  for (const piece of piecesOf(reasoning)) yield { kind: "reasoning", text: piece };
  for (const piece of piecesOf(text)) yield encoder.encode(piece);
  for (const [index, { id, name, arguments: given }] of toolCalls.entries()) {
    const json = typeof given === "string" ? given : JSON.stringify(given);
    yield* callParts({ index, id: id ?? `call_${index}_${name}`, name, json });
  }
  return reply.stopReason ?? (toolCalls.length > 0 ? "tool_calls" : "eos");
}

/** The call of a tool that the client insists on: its arguments fit the schema. */
export function* callOf({ name, parameters }: Tool, jobId: string): Generator<EngineOutput, EngineStop> {
  yield* callParts({ index: 0, id: `call_${jobId}`, name, json: JSON.stringify(instanceOf(parameters)) });
  return "tool_calls";
}

interface Call {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly json: string;
}

function* callParts({ index, id, name, json }: Call): Generator<EngineOutput, void> {
  yield { kind: "tool_call", index, id, name };
  for (let start = 0; start < json.length; start += ARGUMENT_CHARACTERS) {
    yield { kind: "tool_call", index, arguments: json.slice(start, start + ARGUMENT_CHARACTERS) };
  }
}

/** A list is one token each; a text is cut at its spaces. */
function piecesOf(text: string | readonly string[] | undefined): readonly string[] {
  return typeof text === "string" ? splitWords(text) : (text ?? []);
}
