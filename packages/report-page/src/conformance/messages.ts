import { createParser } from "eventsource-parser";
import type { PageExchange } from "../testkit.js";

/** A message of a stream, as its framing delimits it. */
export interface Message {
  /** `null`: the framing has no names, or the message has none. */
  readonly name: string | null;
  readonly data: string;
}

/** A part of the body, and the messages that it completes. */
export interface Arrival {
  readonly atMs: number;
  readonly text: string;
  readonly messages: readonly Message[];
}

/** The body of an answer with the messages in it. One that is not a stream has none. */
export function readArrivals({ pieces, headers }: Pick<PageExchange, "pieces" | "headers">): Arrival[] {
  const split = createSplitter(headers["content-type"] ?? "");
  return pieces.map(({ atMs, text }) => ({ atMs, text, messages: split(text) }));
}

function createSplitter(contentType: string): (text: string) => readonly Message[] {
  if (/^text\/event-stream\b/i.test(contentType)) return splitEvents();
  return /ndjson|jsonl|json-seq/i.test(contentType) ? splitLines() : () => [];
}

/** The parser would hold back a CR at the end of a piece, and with it an event that has ended. */
function splitEvents(): (text: string) => readonly Message[] {
  let found: Message[] = [];
  let afterCr = false;
  const parser = createParser({ onEvent: ({ event, data }) => void found.push({ name: event ?? null, data }) });
  return (text) => {
    found = [];
    const rest = afterCr && text.startsWith("\n") ? text.slice(1) : text;
    afterCr = text.endsWith("\r");
    parser.feed(rest.replaceAll(/\r\n?/g, "\n"));
    return found;
  };
}

function splitLines(): (text: string) => readonly Message[] {
  let open = "";
  return (text) => {
    const lines = (open + text).split("\n");
    open = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "").map((line) => ({ name: null, data: line.trim() }));
  };
}
