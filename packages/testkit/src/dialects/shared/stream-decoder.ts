import { InvalidEventError } from "inference-worker-protocol";
import type { DecoderContext, EventDecoder, WireMessage } from "../dialect.js";
import type { InferenceEvent } from "../events.js";
import { EventBuilder } from "./event-builder.js";
import { describeForeign } from "./foreign.js";
import { errorOf, parseData, requireFields, type Fields } from "./json.js";

/** Ends a stream of OpenAI's form; never JSON. */
const DONE_MARKER = "[DONE]";
/** How every other message begins. */
const BRACE = 123;

/** Reads the messages of one stream; what a dialect has of its own. */
export interface MessageReader {
  /** The events of a message; `undefined` for a message that is not of the dialect. */
  read(fields: Fields, event: string | undefined): readonly InferenceEvent[] | undefined;
  /** What a stream lacks that ends now, for a message: "a `finish_reason`". */
  missing(): string;
  /** `[DONE]` has arrived. Absent: the dialect has no such marker. */
  done?(): readonly InferenceEvent[];
}

/** Makes the reader of one stream. */
export type CreateReader = (builder: EventBuilder, context: DecoderContext) => MessageReader;

/** Decodes a stream of JSON messages. */
export class StreamDecoder implements EventDecoder {
  readonly #dialect: string;
  readonly #builder: EventBuilder;
  readonly #reader: MessageReader;
  isDone = false;

  constructor(dialect: string, context: DecoderContext, createReader: CreateReader) {
    this.#dialect = dialect;
    this.#builder = new EventBuilder(context.jobId);
    this.#reader = createReader(this.#builder, context);
  }

  begin(): readonly InferenceEvent[] {
    return [this.#builder.started()];
  }

  push({ data, event }: WireMessage): readonly InferenceEvent[] {
    if (data.charCodeAt(0) !== BRACE && data.trim() === DONE_MARKER) return this.#done();
    if (this.#builder.isOver) throw new InvalidEventError("a message after the end of the job");
    const fields = parseData(data);
    const events = this.#reader.read(fields, event);
    if (events !== undefined) return events;
    throw new InvalidEventError(describeForeign(fields, this.#dialect));
  }

  end(): readonly InferenceEvent[] | { readonly problem: string } {
    return this.#builder.isOver ? [] : { problem: this.#reader.missing() };
  }

  #done(): readonly InferenceEvent[] {
    if (this.#builder.isOver) return [];
    const events = this.#reader.done?.() ?? [];
    this.isDone = !this.#builder.isOver; // a marker in place of the end
    return events;
  }
}

/** Decodes an answer that was not streamed, with the reader of the streams: a message that holds everything. */
export function readWhole(
  answer: unknown,
  context: DecoderContext,
  read: (fields: Fields, builder: EventBuilder) => readonly InferenceEvent[] | undefined,
): readonly InferenceEvent[] {
  const builder = new EventBuilder(context.jobId);
  const fields = requireFields(answer);
  const events = errorOf(fields) !== undefined ? builder.error(errorOf(fields)) : read(fields, builder);
  if (events === undefined) throw new InvalidEventError(describeForeign(fields, ""));
  return events[0]?.type === "error" ? events : [builder.started(), ...events];
}
