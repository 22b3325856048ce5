import { validate } from "@readme/openapi-parser";
import { parseExecuteRequest } from "inference-worker-protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXECUTE_SCHEMA } from "../../src/dialects/execute-schema.js";
import { ROUTES } from "../../src/http/routes.js";
import { ROUTES as DIALECTS, type Json } from "../support/dialects.js";
import { startSharedWorker, type WorkerProcess } from "../support/worker-process.js";

interface Document {
  readonly openapi: string;
  readonly info: Json;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: Json }>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties?: Json; readonly required?: readonly string[] }>>;
  };
}

let worker: WorkerProcess;
let document: Document;
beforeAll(async () => {
  worker = await startSharedWorker();
  document = (await (await fetch(`${worker.url}/openapi.json`)).json()) as Document;
});
afterAll(() => worker.stop());

test("is a valid OpenAPI 3.1 document", async () => {
  expect(document.openapi).toBe("3.1.0");
  const result = await validate(structuredClone(document) as unknown as Parameters<typeof validate>[0]);
  expect(result).toMatchObject({ valid: true, warnings: [] });
});

test("the validator notices a broken document", async () => {
  const broken = { ...document, paths: { "/x": { get: { responses: { 200: {} } } } } };
  expect(await validate(structuredClone(broken) as unknown as Parameters<typeof validate>[0])).toMatchObject({
    valid: false,
  });
});

/** Examples of what stands for a name in a path. */
const fill = (path: string) => path.replace(/\{\w+\}/g, "stub");

test("describes every route, and no other", () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ path: fill(path), method: method.toUpperCase() })),
  );
  const routesOf = ({ path, method }: { path: string; method: string }) =>
    ROUTES.filter((route) => route.method === method && route.path.test(path));
  expect(described.filter((one) => routesOf(one).length !== 1)).toEqual([]);
  expect(ROUTES.filter((route) => !described.some((one) => routesOf(one).includes(route)))).toEqual([]);
});

test("what the document says a chat needs is what the route needs", () => {
  const schema = document.components.schemas["ChatCompletionRequest"];
  expect(schema?.required).toEqual(["model", "messages"]);
  expect(schema?.properties).toMatchObject({ temperature: { anyOf: [{ minimum: 0, maximum: 2 }, { type: "null" }] } });
  const { path = "" } = DIALECTS["openai-chat"] ?? {};
  expect(Object.keys(document.paths)).toContain(path);
});

test("the schema of /execute has the fields and the bounds of the validation", () => {
  const request = { job_id: "a", prompt: "b" };
  expect(Object.keys(EXECUTE_SCHEMA.properties)).toEqual(Object.keys(parseExecuteRequest(request)));
  expect(EXECUTE_SCHEMA.required).toEqual(Object.keys(request));
  for (const [field, rule] of Object.entries(EXECUTE_SCHEMA.properties)) {
    if (!("maximum" in rule) || field === "seed") continue;
    expect(() => parseExecuteRequest({ ...request, [field]: rule.maximum })).not.toThrow();
    expect(() => parseExecuteRequest({ ...request, [field]: rule.maximum + 1 })).toThrow(field);
  }
});
