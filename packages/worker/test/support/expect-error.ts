import { WORKER_ERRORS, type WorkerErrorCode } from "inference-worker-protocol";
import { expect } from "vitest";

/** Checks that an answer is an error of the catalogue, with all that belongs to it. */
export async function expectError(response: Response, code: WorkerErrorCode): Promise<{ message: string }> {
  const { status, retriable } = WORKER_ERRORS[code];
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  const body = (await response.json()) as { message: string };
  expect(body).toEqual({ code, message: expect.any(String) as string, retriable });
  expect(response.headers.get("retry-after")).toBe(retriable ? "1" : null);
  return body;
}
