import { describeAnswers, isKeyWanted, WorkerClient, type HeaderSource } from "../client/index.js";
import { findDialect, type Dialect, type Recognition } from "../dialects/index.js";
import { HttpFailedError, InvalidResponseError } from "../errors/index.js";
import { resolveStreamTimeouts, type StreamTimeouts } from "../events/index.js";

/** How a server is asked. */
export interface RecognizeOptions {
  readonly timeouts?: StreamTimeouts | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: HeaderSource | undefined;
}

/** What a server speaks, and how that is known. */
export interface RecognizedServer {
  readonly dialect: Dialect;
  readonly recognized: Recognition;
}

/**
 * Finds out what a server speaks, by a few requests.
 *
 * @throws {CONNECT_FAILED} @throws {INVALID_RESPONSE} nothing that the server answers shows it; the message lists the answers.
 * @throws {HTTP_FAILED} the same, and the server wants a key.
 */
export async function recognizeServerAt(
  url: string,
  { timeouts, signal, headers }: RecognizeOptions,
): Promise<RecognizedServer> {
  const client = new WorkerClient({ baseUrl: url, timeouts, headers });
  try {
    const { recognized, answers } = await client.probe({
      signal,
      timeoutMs: resolveStreamTimeouts(timeouts).headersMs,
    });
    const dialect = recognized && findDialect(recognized.dialect);
    if (recognized !== undefined && dialect !== undefined) return { dialect, recognized };
    const { baseUrl } = client;
    const message = [`Nothing that ${baseUrl} answers shows what it speaks:`, ...describeAnswers(answers)];
    const status = answers.find((answer) => isKeyWanted(answer.status))?.status;
    if (status !== undefined) {
      const hint = client.headers.hintFor(status);
      throw new HttpFailedError({ message, hint, details: { status, url: baseUrl } });
    }
    throw new InvalidResponseError({
      message,
      hint: 'Say what it is, for example `dialect: "openai-chat"` (`--dialect openai-chat`).',
      details: { url: baseUrl },
    });
  } finally {
    await client.close();
  }
}
