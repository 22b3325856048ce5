import { WorkerError } from "inference-worker-protocol";

/** The receiver must answer in this time (wire protocol, `--callback-url`). */
const CALLBACK_TIMEOUT_MS = 5_000;

/** The body sent to the callback. */
export interface Announcement {
  readonly worker_id: string;
  readonly vram_bytes: number;
  readonly uri: string;
}

/**
 * Notifies the callback that the worker is serving.
 *
 * @throws {WorkerError} CALLBACK_FAILED no connection, no answer within 5 s, or a status other than 2xx.
 */
export async function announce(url: string, announcement: Announcement): Promise<void> {
  const failed = (reason: string, cause?: unknown) =>
    new WorkerError("CALLBACK_FAILED", `callback ${url}: ${reason}`, { cause });
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(announcement),
    redirect: "manual", // a redirect is not a 2xx
    signal: AbortSignal.timeout(CALLBACK_TIMEOUT_MS),
  }).catch((cause: unknown) => {
    const timedOut = cause instanceof Error && cause.name === "TimeoutError";
    throw failed(timedOut ? `no answer within ${CALLBACK_TIMEOUT_MS} ms` : "no connection", cause);
  });
  await response.body?.cancel();
  if (!response.ok) throw failed(`answered ${response.status}`);
}
