import type { InferenceEvent } from "inference-worker-protocol";
import type { EventSink } from "../../src/jobs/index.js";
import { waitFor } from "./wait-for.js";

/** Keeps the events of a job; {@link hold} makes it a slow receiver. */
export class RecordingSink implements EventSink {
  readonly events: InferenceEvent[] = [];
  /** Called with each event as it is sent. */
  onEvent: (event: InferenceEvent) => void = () => undefined;
  #gate: Promise<void> | undefined;

  send(event: InferenceEvent): Promise<void> | undefined {
    this.events.push(event);
    this.onEvent(event);
    return this.#gate;
  }

  /** From now on the receiver does not catch up, until the returned function is called. */
  hold(): () => void {
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return () => {
      this.#gate = undefined;
      open();
    };
  }

  get types(): string[] {
    return this.events.map(({ type }) => type).filter((type) => type !== "metrics");
  }

  get text(): string {
    return this.events.map((event) => (event.type === "token" ? event.t : "")).join("");
  }

  /** The terminal event; fails when there is none or more than one, or when something follows it. */
  get terminal(): InferenceEvent {
    const isTerminal = ({ type }: InferenceEvent) => type === "end" || type === "error";
    const last = this.events.at(-1);
    if (last === undefined || !isTerminal(last) || this.events.filter(isTerminal).length !== 1) {
      throw new Error(`Expected exactly one terminal event at the end, got ${this.types.join(", ")}`);
    }
    return last;
  }

  async waitForTerminal(): Promise<InferenceEvent> {
    await waitFor("terminal event", () => this.types.includes("end") || this.types.includes("error"));
    return this.terminal;
  }

  async waitForTokens(count: number): Promise<void> {
    await waitFor(`${count} tokens`, () => this.types.filter((type) => type === "token").length >= count);
  }
}
