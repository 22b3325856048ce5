import type { ServerResponse } from "node:http";

type Headers = Readonly<Record<string, unknown>>;

/** What is changed about an answer. */
export interface Revision {
  readonly headers?: (headers: Headers, status: number) => Headers;
  /** Of an answer in one piece: the whole text. Of a stream: each piece. */
  readonly text?: (text: string, status: number) => string;
  /** Of an answer in one piece. */
  readonly status?: (status: number, text: string) => number;
}

/** Changes an answer on its way to the client. */
export function reviseAnswer(response: ServerResponse, revision: Revision): void {
  const { headers: reviseHeaders, text: reviseText, status: reviseStatus } = revision;
  const writeHead = response.writeHead.bind(response);
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let status = 200;
  let held: Headers | undefined;
  const change = (text: string): string => reviseText?.(text, status) ?? text;
  response.writeHead = ((given: number, headers: Headers = {}) => {
    status = given;
    const revised = reviseHeaders?.(headers, status) ?? headers;
    if (headers["content-length"] === undefined) return writeHead(status, revised as never);
    held = revised;
    return response;
  }) as typeof response.writeHead;
  response.write = ((piece: unknown) => write(change(String(piece)))) as typeof response.write;
  response.end = ((last: unknown = "") => {
    const text = String(last);
    const changed = change(text);
    if (held !== undefined) {
      const headers = { ...held, "content-length": Buffer.byteLength(changed) };
      writeHead(reviseStatus?.(status, text) ?? status, headers as never);
    }
    return end(changed);
  }) as typeof response.end;
}

/** Changes the text of errors. */
export function reviseErrors(response: ServerResponse, change: (text: string) => string): void {
  reviseAnswer(response, { text: (text, status) => (status < 400 ? text : change(text)) });
}
