import { describe, expect, test } from "vitest";
import { WORKER_ERRORS, WorkerError, type WorkerErrorCode } from "../src/index.js";

/** The catalogue of the wire protocol, and the two failures of a start that have no HTTP answer. */
const CATALOGUE: [WorkerErrorCode, number, boolean][] = [
  ["INVALID_REQUEST", 400, false],
  ["DUPLICATE_JOB", 409, false],
  ["FORBIDDEN", 403, false],
  ["REQUEST_TIMEOUT", 408, false],
  ["PAYLOAD_TOO_LARGE", 413, false],
  ["UNSUPPORTED_MEDIA_TYPE", 415, false],
  ["NOT_FOUND", 404, false],
  ["METHOD_NOT_ALLOWED", 405, false],
  ["MODEL_LOAD_FAILED", 500, false],
  ["INSUFFICIENT_VRAM", 503, false],
  ["DEVICE_NOT_FOUND", 500, false],
  ["VRAM_OOM", 503, true],
  ["CONTEXT_OVERFLOW", 400, false],
  ["CUDA_ERROR", 500, false],
  ["INFERENCE_FAILED", 500, false],
  ["INFERENCE_TIMEOUT", 504, true],
  ["CANCELLED", 499, false],
  ["QUEUE_FULL", 503, true],
  ["SHUTTING_DOWN", 503, true],
  ["PORT_IN_USE", 500, false],
  ["ADDRESS_UNAVAILABLE", 500, false],
  ["CALLBACK_FAILED", 500, false],
  ["INTERNAL", 500, false],
];

describe("the catalogue", () => {
  test.each(CATALOGUE)("%s is %i, retriable: %s", (code, status, retriable) => {
    expect(WORKER_ERRORS[code]).toMatchObject({ status, retriable });
  });

  test("has no other codes", () => {
    expect(Object.keys(WORKER_ERRORS).sort()).toEqual(CATALOGUE.map(([code]) => code).sort());
  });

  test.each(Object.entries(WORKER_ERRORS))("%s has a hint of one sentence", (_code, { hint }) => {
    expect(hint).toMatch(/^[A-Z`].{10,}\.$/);
  });
});

describe("WorkerError", () => {
  test("carries its entry of the catalogue, facts and the cause", () => {
    const cause = new Error("native");
    const error = new WorkerError("VRAM_OOM", "no room", { cause, details: { needed_bytes: 7 } });
    expect(error).toMatchObject({ name: "WorkerError", code: "VRAM_OOM", message: "no room", cause });
    expect(error.info).toBe(WORKER_ERRORS.VRAM_OOM);
    expect(error.details).toEqual({ needed_bytes: 7 });
  });

  test("its body is what is sent on the wire", () => {
    const body = new WorkerError("QUEUE_FULL", "full").toBody();
    expect(body).toEqual({ code: "QUEUE_FULL", message: "full", retriable: true });
  });
});
