import type { EndEvent, InferenceEvent, StartedEvent } from "../dialects/index.js";
import { shortenCode } from "../errors/index.js";

/** Describes an event in one line, for error messages. */
export function describeEvent(event: InferenceEvent): string {
  switch (event.type) {
    case "started":
      return `started${describeStart(event)}`;
    case "token":
      return `token i=${event.i} t=${quote(event.t)}${event.channel === undefined ? "" : ` channel=${event.channel}`}`;
    case "tool_call":
      return `tool_call index=${event.index} name=${quote(event.name ?? "")} arguments=${quote(event.arguments ?? "")}`;
    case "metrics":
      return "metrics";
    case "end":
      return `end stop_reason=${event.stop_reason} tokens_out=${describeTokensOut(event)}`;
    case "error":
      return `error code=${shortenCode(event.code)} message=${quote(event.message)}`;
  }
}

/**
 * The events around an index, one per line, with an arrow at the index; empty for an empty list.
 */
export function describeContext(events: readonly InferenceEvent[], index: number): string[] {
  const first = Math.max(0, Math.min(index, events.length - 1) - 3);
  const lines: string[] = [];
  for (const [offset, event] of events.slice(first, index + 3).entries()) {
    const at = first + offset;
    lines.push(`${at === index ? "→" : " "} [${at}] ${describeEvent(event)}`);
  }
  return lines;
}

/** The number of generated tokens, marked if estimated. */
export function describeTokensOut({ tokens_out: count, tokens_out_estimated: isEstimated }: EndEvent): string {
  return isEstimated === true ? `${count} (estimated)` : String(count);
}

/** What the server reports about the job. */
function describeStart({ job_id: jobId, model, seed }: StartedEvent): string {
  const texts = Object.entries({ job_id: jobId, model }).filter(([, value]) => value !== undefined);
  const shown = texts.map(([name, value]) => ` ${name}=${quote(value as string)}`);
  return `${shown.join("")}${seed === undefined ? "" : ` seed=${seed}`}`;
}

/** "1 event", "3 events". */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
