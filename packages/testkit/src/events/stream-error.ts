import { StreamError } from "../errors/index.js";
import { describeEvent } from "./describe-event.js";
import { describeOutcome, describeProgress, findFaultCode } from "./describe-outcome.js";
import type { CollectedStream, StreamFault } from "./outcome.js";
import type { OpenedSource } from "./stream-source.js";

const LAST_EVENT_COUNT = 5;

/** A stream that did not end properly; everything received is in {@link partial}. */
export class BrokenStreamError extends StreamError {
  readonly #partial: CollectedStream;

  /** `exit`: how the process that sent the stream ended, if it did. */
  constructor(
    partial: CollectedStream,
    fault: StreamFault,
    { source, exit }: { readonly source: OpenedSource; readonly exit?: string | undefined },
  ) {
    super(findFaultCode(fault), {
      message: describeFailure(partial, fault, exit),
      details: listFacts(partial, fault, source),
      logTail: source.logTail(),
      cause: fault.status === "transport-error" ? fault.cause : undefined,
    });
    this.#partial = partial;
  }

  /** Everything that was received. A getter, because reporters print own properties, and there may be thousands of events. */
  get partial(): CollectedStream {
    return this.#partial;
  }
}

function describeFailure(partial: CollectedStream, fault: StreamFault, exit: string | undefined): string[] {
  const what = describeOutcome(fault);
  const lines = [`The stream failed after ${describeProgress(partial)}: ${[what, exit].filter(Boolean).join("; ")}`];
  const first = Math.max(0, partial.events.length - LAST_EVENT_COUNT);
  if (partial.events.length > 0) lines.push("last events:");
  for (const [offset, event] of partial.events.slice(first).entries()) {
    lines.push(`  [${first + offset}] ${describeEvent(event)}`);
  }
  return lines;
}

function listFacts(partial: CollectedStream, fault: StreamFault, source: OpenedSource): Record<string, unknown> {
  const { bytes, unterminatedBytes, ignoredLineCount, unterminatedText, commentCount } = partial;
  return {
    url: source.url,
    status: fault.status,
    bytes,
    data: fault.status === "invalid-event" ? fault.data : undefined,
    comments: commentCount === 0 ? undefined : commentCount,
    ignoredLines: ignoredLineCount === 0 ? undefined : ignoredLineCount,
    unterminatedBytes: unterminatedBytes === 0 ? undefined : unterminatedBytes,
    unterminatedText: unterminatedText === "" ? undefined : JSON.stringify(unterminatedText),
    elapsedMs: Math.round(partial.endedAtMs - (partial.sentAtMs ?? partial.startedAtMs)),
  };
}
