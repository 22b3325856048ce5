import { stringifyJson } from "inference-worker-protocol";

/** Ordered by verbosity, least verbose first. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields of one line; `undefined` is left out. Never prompts or generated text (M0-W-1902). */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Writes one JSON line per event (M0-W-1900). `ready`, `fault_fired` and the fatal `error` line are part of the contract and
 * are written at every level.
 */
export class Logger {
  readonly #level: number;
  readonly #write: (line: string) => void;

  constructor(level: LogLevel, write: (line: string) => void) {
    this.#level = LOG_LEVELS.indexOf(level);
    this.#write = write;
  }

  /** A line of the contract: written at every level. */
  contract(event: "ready" | "error" | "fault_fired", fields: LogFields): void {
    this.#write(`${stringifyJson({ event, ...fields })}\n`);
  }

  warn(event: string, fields: LogFields): void {
    this.#log("warn", event, fields);
  }

  info(event: string, fields: LogFields): void {
    this.#log("info", event, fields);
  }

  debug(event: string, fields: LogFields): void {
    this.#log("debug", event, fields);
  }

  #log(level: LogLevel, event: string, fields: LogFields): void {
    if (LOG_LEVELS.indexOf(level) > this.#level) return;
    this.#write(`${stringifyJson({ event, level, time: new Date().toISOString(), ...fields })}\n`);
  }
}
