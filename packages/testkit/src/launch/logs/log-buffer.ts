import { TestkitError } from "../../errors/index.js";
import { resolveOptions } from "../../options/index.js";
import { hideControlToken } from "./control-url.js";
import { LineSplitter } from "./line-splitter.js";
import { createLineMatcher, type LogLine, type LogStream } from "./log-line.js";
import { LOG_WAIT_OPTIONS, type LogWaitOptions, type WorkerLogs } from "./worker-logs.js";

const DEFAULT_TAIL_LINES = 20;

/** The writing side of {@link WorkerLogs}. */
export class LogBuffer implements WorkerLogs {
  readonly #capacity: number;
  readonly #splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  readonly #listeners = new Set<(line: LogLine) => void>();
  readonly #ended = new AbortController();
  /** Up to `capacity` lines; once it is full, `#oldest` is where the next line goes. */
  readonly #ring: LogLine[] = [];
  #oldest = 0;
  #droppedCount = 0;
  #controlUrl: string | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** `control_url` of the last ready line. Its token is hidden in the lines, and in no property that could be printed. */
  revealControlUrl(): string | undefined {
    return this.#controlUrl;
  }

  get lines(): readonly LogLine[] {
    return [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
  }

  get droppedCount(): number {
    return this.#droppedCount;
  }

  tail(count = DEFAULT_TAIL_LINES): readonly string[] {
    return count <= 0 ? [] : this.lines.slice(-count).map((line) => line.text);
  }

  text(): string {
    return this.lines.map((line) => `${line.text}\n`).join("");
  }

  onLine(listener: (line: LogLine) => void): () => void {
    const own = (line: LogLine): void => listener(line); // registering the same function twice keeps two registrations
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async waitFor(pattern: string | RegExp, options: LogWaitOptions = {}): Promise<LogLine> {
    const { timeoutMs, signal } = resolveOptions(LOG_WAIT_OPTIONS, options);
    signal?.throwIfAborted();
    const matches = createLineMatcher(pattern);
    const present = this.lines.find((line) => matches(line.text));
    if (present !== undefined) return present;
    if (this.#ended.signal.aborted) throw this.#createMissedError(pattern, "ended");
    return await this.#nextMatch({ pattern, matches, timeoutMs, signal });
  }

  /** Adds bytes that the worker wrote. */
  write(stream: LogStream, chunk: Uint8Array): void {
    for (const text of this.#splitters[stream].push(chunk)) this.#take(stream, text);
  }

  /** Marks the end of the output: unfinished lines are kept, and pending waits for a line end. */
  end(): void {
    if (this.#ended.signal.aborted) return;
    for (const stream of ["stdout", "stderr"] as const) {
      for (const text of this.#splitters[stream].end()) this.#take(stream, text);
    }
    this.#ended.abort();
  }

  #take(stream: LogStream, line: string): void {
    const { text, controlUrl } = hideControlToken(line);
    if (stream === "stdout") this.#controlUrl = controlUrl ?? this.#controlUrl;
    this.#add({ stream, text, atMs: Date.now() });
  }

  #add(line: LogLine): void {
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(line);
    } else {
      this.#ring[this.#oldest] = line;
      this.#oldest = (this.#oldest + 1) % this.#capacity;
      this.#droppedCount += 1;
    }
    for (const listener of this.#listeners) listener(line);
  }

  #nextMatch(wait: LineWait): Promise<LogLine> {
    const { signal, timeoutMs, pattern, matches } = wait;
    const over = new AbortController();
    return new Promise<LogLine>((resolve, reject) => {
      const timer = setTimeout(() => reject(this.#createMissedError(pattern, timeoutMs)), timeoutMs);
      const off = this.onLine((line) => {
        if (matches(line.text)) resolve(line);
      });
      const onEnd = (): void => reject(this.#createMissedError(pattern, "ended"));
      this.#ended.signal.addEventListener("abort", onEnd, { signal: over.signal });
      const onAbort = (): void => reject(signal?.reason as Error);
      signal?.addEventListener("abort", onAbort, { signal: over.signal });
      over.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        off();
      });
    }).finally(() => over.abort());
  }

  #createMissedError(pattern: string | RegExp, waited: number | "ended"): TestkitError {
    const wanted = typeof pattern === "string" ? JSON.stringify(pattern) : String(pattern);
    const reason = waited === "ended" ? "the worker's output ended" : `${waited} ms have passed`;
    return new TestkitError("LOG_TIMEOUT", {
      message: `No log line matches ${wanted}: ${reason}`,
      details: {
        ...(waited === "ended" ? {} : { waitedMs: waited }),
        ...(this.#droppedCount > 0 ? { droppedLines: this.#droppedCount } : {}),
      },
      logTail: this.tail(),
    });
  }
}

interface LineWait {
  readonly pattern: string | RegExp;
  readonly matches: ReturnType<typeof createLineMatcher>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}
