import { shorten } from "../../format.js";

/** An event of a stream as the page shows it. */
export interface PageEvent {
  readonly atMs: number;
  readonly type: string;
  readonly json: string;
  /** Generated text. */
  readonly text: string;
  /** In one line. */
  readonly line: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads an event from its time and JSON. */
export function readEvent([atMs, json]: readonly [atMs: number, json: string]): PageEvent {
  const fields = JSON.parse(json) as Fields;
  const type = String(fields["type"]);
  const text = type === "token" && typeof fields["t"] === "string" ? fields["t"] : "";
  return { atMs, type, json, text, line: describe(type, fields, json) };
}

function describe(type: string, fields: Fields, json: string): string {
  switch (type) {
    case "token":
      return `i=${show(fields["i"])} ${show(fields["t"])}${fields["channel"] === undefined ? "" : ` (${show(fields["channel"])})`}`;
    case "end":
      return `stop_reason=${show(fields["stop_reason"])} tokens_out=${show(fields["tokens_out"])}`;
    case "error":
      return `${show(fields["code"])} ${show(fields["message"])}`;
    default: // the exact JSON: a seed may be larger than a number can hold
      return shorten(json.replace(/^\{"type":"[a-z_]+",?/, "").replace(/\}$/, ""));
  }
}

function show(value: unknown): string {
  return shorten(value === undefined ? "" : JSON.stringify(value));
}
