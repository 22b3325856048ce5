import type { IncomingMessage, ServerResponse } from "node:http";
import { CORRELATION_ID_HEADER, JOB_ID_HEADER, SEED_HEADER } from "inference-worker-protocol";

/** What a page may send without having asked for more. */
const USUAL_HEADERS = `content-type, ${CORRELATION_ID_HEADER}`;
/** Header names, as a browser requests them; clients of other APIs send many of their own. */
const HEADER_NAMES = /^[\w-]+(, ?[\w-]+){0,63}$/;

/** Cache time of a preflight answer; browsers cap it anyway. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/**
 * Lets a page of an allowed origin read the answer (CORS), and answers its preflight request.
 *
 * @returns whether it was a preflight request, which has then been answered.
 */
export function shareWithOrigin(origin: string, request: IncomingMessage, response: ServerResponse): boolean {
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("vary", "origin");
  const exposed = [CORRELATION_ID_HEADER, "retry-after", JOB_ID_HEADER, SEED_HEADER];
  response.setHeader("access-control-expose-headers", exposed.join(", "));
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return false;
  response.setHeader("access-control-allow-methods", "DELETE, GET, POST, PUT");
  const wanted = request.headers["access-control-request-headers"] ?? "";
  response.setHeader("access-control-allow-headers", HEADER_NAMES.test(wanted) ? wanted : USUAL_HEADERS);
  response.setHeader("access-control-max-age", PREFLIGHT_MAX_AGE_SECONDS);
  response.writeHead(204).end();
  return true;
}
