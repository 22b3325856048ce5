import { mayServe } from "../dialects/index.js";
import { describeAnswers, type ProbeReport } from "./probe-server.js";

const NOT_FOUND_STATUSES = [404, 405];

/** What an explanation is made from. */
export interface RefusedServer {
  /** The dialect that was said. */
  readonly dialect: string;
  /** Asks the server what it is. */
  readonly probe: (signal: AbortSignal | undefined) => Promise<ProbeReport>;
  /** A hint for servers of that dialect: the models it has, for example. */
  readonly hint: () => string | undefined;
}

/**
 * Explains why the first job found nothing at its path: the server speaks something else, or has other models. The server is asked once,
 * and not at all once it has served a job.
 */
export class RefusalExplainer {
  readonly #server: RefusedServer;
  #isOver = false;

  constructor(server: RefusedServer) {
    this.#server = server;
  }

  /** @param status of the answer to a job. */
  async explain(status: number, signal: AbortSignal | undefined): Promise<string | undefined> {
    const wasOver = this.#isOver;
    this.#isOver = true;
    if (wasOver || !NOT_FOUND_STATUSES.includes(status)) return undefined;
    const report = await this.#server.probe(signal).catch(() => undefined);
    const { dialect, because } = report?.recognized ?? {};
    if (dialect === undefined && report !== undefined && this.#server.dialect === "orcd")
      return describeUnknown(report);
    if (dialect === undefined || mayServe(dialect, this.#server.dialect)) return this.#server.hint();
    return `The server does not look like one of the dialect \`${this.#server.dialect}\`: ${because}. Try \`dialect: "${dialect}"\`.`;
  }
}

function describeUnknown({ answers }: ProbeReport): string {
  const shown = describeAnswers(answers).map((line) => line.trim());
  return `Nothing that the server answers shows what it speaks. Say it, for example \`dialect: "openai-chat"\`. It answers: ${shown.join("; ")}`;
}
