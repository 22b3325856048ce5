import type { Dialect } from "../../dialects/index.js";

const MOST_BYTES = 1024 * 1024;

type RawParts = Pick<RawAnswer, "status" | "headers" | "text" | "problem">;

/** The answer to a request that may be anything. */
export class RawAnswer {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, or its first MiB. */
  readonly text: string;
  /** Why there is not more of the body; `undefined` if it is complete. */
  readonly problem: string | undefined;
  readonly #dialect: Dialect;

  constructor({ status, headers, text, problem }: RawParts, dialect: Dialect) {
    this.status = status;
    this.headers = headers;
    this.text = text;
    this.problem = problem;
    this.#dialect = dialect;
  }

  /** The decoded body; `undefined` if it is not JSON. */
  get json(): unknown {
    try {
      return JSON.parse(this.text) as unknown;
    } catch {
      return undefined;
    }
  }

  /** Its code and message in the form of the dialect; both are undefined in a body of another form. */
  get error(): { readonly code: string | undefined; readonly message: string | undefined } {
    const { code, message } = this.#dialect.decodeError?.({ status: this.status, body: this.json }) ?? {};
    return { code, message };
  }

  /** For a verdict: "status 400, `{"error": …}`". */
  describe(): string {
    const start = this.text.slice(0, 200);
    return `status ${this.status}${start === "" ? ", empty body" : `, \`${start}\``}`;
  }
}

/** Reads a body to its end, or to its first MiB; a body that breaks off is kept, with the reason. @throws the reason of `signal` */
export async function readRaw(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Pick<RawParts, "text" | "problem">> {
  const chunks: Uint8Array[] = [];
  let room = MOST_BYTES;
  let problem: string | undefined;
  try {
    for await (const chunk of body) {
      chunks.push(chunk.subarray(0, room));
      room -= chunk.byteLength;
      if (room < 0) break;
    }
    if (room < 0) problem = `it is larger than ${MOST_BYTES} bytes`;
  } catch (error) {
    signal.throwIfAborted();
    problem = (error as Error).message;
  }
  return { text: Buffer.concat(chunks).toString("utf8"), problem };
}
