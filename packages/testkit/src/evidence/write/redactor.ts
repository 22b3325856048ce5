import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { stringifyJson, type ToolCallEvent } from "inference-worker-protocol";
import type { EndEvent, InferenceEvent } from "../../dialects/index.js";
import { isTestkitError } from "../../errors/index.js";
import type { CollectedStream } from "../../events/index.js";
import { isCredentialName } from "./credential-names.js";
import { REDACTED } from "../../terminal/index.js";
import { scrubText } from "./credentials.js";
import { isBareName, scrubJson } from "./scrub-json.js";
import type { RecordedBody, RecordedError, RecordedOutcome, Redactions } from "../format.js";

/**
 * Replaces a character of generated text: a token remains a text of the same length, so that a replayed stream still follows the
 * rules.
 */
const FILLER = "•";
/** Numeric request fields, which reveal nothing about the prompt. */
const HARMLESS_NUMBERS = new Set("max_tokens,temperature,seed,top_p,top_k,min_p,repetition_penalty".split(","));
const HARMLESS_HEADERS = new Set(
  "accept,allow,cache-control,connection,content-length,content-type,date,keep-alive,retry-after,transfer-encoding,x-correlation-id".split(
    ",",
  ),
);
/** Flags whose value stays readable. */
const HARMLESS_FLAG =
  /^--(port|host|worker-id|model|gpu-device|parallel|max-|context-|threads|inference-|shutdown-|log-level)/;

/** The length of a text (UTF-16 units, as the bundled worker logs it) and its SHA-256, in place of the text. */
export function redactText(text: string): string {
  return `[redacted: ${text.length} characters, sha256 ${sha256(text)}]`;
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Removes what must not be in a bundle: credentials always, and everything that the options name. */
export class Redactor {
  readonly #redact: Redactions;

  constructor(redact: Redactions) {
    this.#redact = redact;
  }

  /** Whether anything is redacted: then free text is too, because it may quote anything. */
  get isActive(): boolean {
    return this.#redact.prompts || this.#redact.text;
  }

  freeText(text: string): string {
    return this.isActive ? redactText(text) : scrubText(text);
  }

  logLine(text: string): string {
    return this.#redact.log ? redactText(text) : scrubText(text);
  }

  headers(headers: Readonly<Record<string, string>>): Record<string, string> {
    const show = (name: string, value: string) => {
      if (isCredentialName(name)) return REDACTED;
      return HARMLESS_HEADERS.has(name.toLowerCase()) ? scrubText(value) : this.freeText(value);
    };
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, show(name, value)]));
  }

  /** A query may contain anything. */
  path(path: string): string {
    const query = path.indexOf("?");
    if (query === -1) return scrubText(path);
    // `?key=` is how some services take theirs; elsewhere a `key` is anything.
    const shown = path.slice(query + 1).replaceAll(/(^|&)(key=)[^&]+/gi, `$1$2${REDACTED}`);
    return `${scrubText(path.slice(0, query))}?${this.isActive ? redactText(shown) : scrubText(shown)}`;
  }

  /** The body of a request; its unknown fields count as prompts. */
  request(body: RecordedBody): RecordedBody {
    if (!this.#redact.prompts) return scrubBody(body);
    const { json } = body;
    if (typeof json !== "object" || json === null || Array.isArray(json)) return redactBody(body);
    return { json: Object.fromEntries(Object.entries(json).map(([name, value]) => [name, redactField(name, value)])) };
  }

  /** The body of a response: a refusal may quote the prompt. */
  answer(body: RecordedBody): RecordedBody {
    return this.isActive ? redactBody(body) : scrubBody(body);
  }

  bytes(bytes: Uint8Array): RecordedBody {
    if (!this.isActive) return { base64: scrubBytes(bytes).toString("base64") };
    return { text: `[redacted: ${bytes.byteLength} bytes, sha256 ${sha256(bytes)}]` };
  }

  /** Single tokens and stop sequences are not hashed: a list of all tokens of a model would reveal the text. */
  event(event: InferenceEvent): InferenceEvent {
    switch (event.type) {
      case "token":
        return this.#redact.text ? { ...event, t: FILLER.repeat(event.t.length) } : event;
      case "tool_call":
        return this.#redact.text ? redactToolCall(event) : event;
      case "error":
        return { ...(scrubJson(event) as typeof event), message: this.freeText(event.message) };
      case "end":
        return this.isActive ? redactEnd(event) : event;
      case "started":
      case "metrics":
        return event; // no generated text
    }
  }

  outcome({ outcome }: CollectedStream): RecordedOutcome {
    switch (outcome.status) {
      case "complete":
      case "worker-error":
        return { status: outcome.status };
      case "truncated":
        return { status: outcome.status, endedBy: outcome.endedBy, reason: outcome.reason };
      case "limit-exceeded":
        return { status: outcome.status, limit: outcome.limit, value: outcome.value };
      case "aborted":
        return { status: outcome.status, reason: this.freeText(outcome.reason) };
      case "transport-error": {
        const { status, code, byteOffset, message, cause } = outcome;
        return { status, code, byteOffset, message: this.freeText(message), cause: this.error(cause) };
      }
      case "invalid-event": {
        const { status, index, foreignJobId, reason, data } = outcome;
        return { status, index, foreignJobId, reason: this.freeText(reason), data: this.freeText(data) };
      }
    }
  }

  error(error: unknown): RecordedError {
    if (!(error instanceof Error)) return { name: "Error", message: this.freeText(String(error)) };
    const given = (error as { code?: unknown }).code;
    const code = isTestkitError(error) || typeof given === "string" ? String(given) : undefined;
    return { name: error.name, code, message: this.freeText(error.message) };
  }

  /** The stub's configuration is among the arguments and may contain a script. */
  args(args: readonly string[]): string[] {
    return args.map((arg, index) => {
      if (isBareName(args[index - 1] ?? "") && !/^--[a-z]/i.test(arg)) return REDACTED;
      if (!this.isActive || scrubText(arg) !== arg) return scrubText(arg);
      const isValue = HARMLESS_FLAG.test(args[index - 1] ?? "");
      return isValue || /^--?[\w-]+$/.test(arg) || /^-?\d+$/.test(arg) || isFile(arg) ? arg : redactText(arg);
    });
  }
}

/** Name and arguments are generated text. */
function redactToolCall({ name, arguments: text, ...call }: ToolCallEvent): ToolCallEvent {
  const hide = (hidden: string | undefined) => hidden && FILLER.repeat(hidden.length);
  return { ...call, name: hide(name), arguments: hide(text) };
}

function redactEnd(event: EndEvent): EndEvent {
  const { stop_sequence_matched: matched } = event;
  return typeof matched === "string" ? { ...event, stop_sequence_matched: FILLER.repeat(matched.length) } : event;
}

function redactField(name: string, value: unknown): unknown {
  if (isCredentialName(name)) return REDACTED;
  if (name === "job_id" && typeof value === "string") return value;
  const isNumber = value === null || typeof value === "number" || typeof value === "bigint";
  if (HARMLESS_NUMBERS.has(name) && isNumber) return value;
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map((item) => redactField("", item));
  return redactText(stringifyJson(value));
}

function scrubBody({ json, text, base64 }: RecordedBody): RecordedBody {
  if (text !== undefined) return { text: scrubText(text) };
  if (base64 !== undefined) return { base64: scrubBytes(Buffer.from(base64, "base64")).toString("base64") };
  return { json: scrubJson(json) };
}

/** Redacts credentials in bytes that are not text; all other bytes keep their position. */
function scrubBytes(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes).toString("latin1");
  return Buffer.from(
    scrubText(text, (value) => "*".repeat(value.length)),
    "latin1",
  );
}

function redactBody({ json, text, base64 }: RecordedBody): RecordedBody {
  if (text === undefined && base64 === undefined && json === undefined) return {};
  return { text: redactText(text ?? base64 ?? stringifyJson(json)) };
}

function isFile(path: string): boolean {
  return path.includes("/") && existsSync(path);
}
