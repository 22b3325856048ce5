import type { ExecuteResponse } from "../client/index.js";
import { HttpFailedError } from "../errors/index.js";

/** The error for a server that answers the first question with 401 or 403: every job would fail in the same way. */
export function createKeyWantedError(response: ExecuteResponse): HttpFailedError {
  const { url, status, refusalHint: hint } = response;
  response.abort("the server wants a key");
  return new HttpFailedError({ message: `${url} answered ${status}`, hint, details: { status, url } });
}
