/** Severity of a native log line. */
export type LogSeverity = "debug" | "info" | "warn" | "error";

/** Receives the log lines of llama.cpp; they never contain prompts or generated text. */
export type NativeLogger = (severity: LogSeverity, message: string) => void;

const KEPT_LINES = 5;

const SEVERITIES: Readonly<Record<string, LogSeverity>> = {
  fatal: "error",
  error: "error",
  warn: "warn",
  info: "info",
};

/** Passes native log lines on and keeps the last errors: they have the reason that a native `false` lacks. */
export class NativeLog {
  readonly #logger: NativeLogger | undefined;
  #errors: string[] = [];

  constructor(logger: NativeLogger | undefined) {
    this.#logger = logger;
  }

  /** The callback for node-llama-cpp. */
  readonly write = (level: string, message: string): void => {
    const severity = SEVERITIES[level] ?? "debug";
    const line = message.trim();
    if (severity === "error") this.#errors = [...this.#errors, line].slice(-KEPT_LINES);
    this.#logger?.(severity, line);
  };

  /** The errors since the last call. */
  takeErrors(): readonly string[] {
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }
}
