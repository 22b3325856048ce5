import { toJsonSchema } from "@valibot/to-json-schema";
import { REQUEST_LIMITS } from "inference-worker-protocol";
import type { GenericSchema } from "valibot";
import { jsonSchema, seed } from "./fields.js";
import { ERROR_SCHEMAS, OPERATIONS, type Operation } from "./operations.js";

/** What the checks mean that are functions. The largest u64 is the nearest number that JSON can have. */
const OVERRIDES = new Map<unknown, object>([
  [seed, { type: "integer", minimum: 0, maximum: Number(REQUEST_LIMITS.maxSeed) }],
  [jsonSchema, { type: "object" }],
]);

/** OpenAPI 3.1 of everything that the worker answers, made from the schemas that check the requests. */
export function describeApi(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) (paths[operation.path] ??= {})[operation.method] = describeOperation(operation);
  return {
    openapi: "3.1.0",
    info: {
      title: "worker-orcd",
      version,
      description: "An LLM inference worker that speaks its own protocol and the dialects of other servers.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [],
    tags: [...new Set(OPERATIONS.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: { ...ERROR_SCHEMAS, ...requestSchemas() } },
  };
}

function requestSchemas(): Record<string, object> {
  const bodies = OPERATIONS.flatMap(({ body }) => (body === undefined ? [] : [body]));
  return Object.fromEntries(bodies.map(({ name, schema }) => [name, "kind" in schema ? convert(schema) : schema]));
}

function describeOperation({ id, tag, summary, parameters, body, answer, errors }: Operation): object {
  const { status = 200, description, types } = answer;
  const content = Object.fromEntries(
    types.map((type) => [type, { schema: type === "application/json" ? { type: "object" } : { type: "string" } }]),
  );
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(parameters === undefined ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBodyOf(body.name) }),
    responses: {
      [status]: { description, ...(types.length === 0 ? {} : { content }) },
      default: { description: "The request or the job failed.", content: jsonOf(errors) },
    },
  };
}

function requestBodyOf(name: string): object {
  return { required: true, content: jsonOf(name) };
}

function jsonOf(name: string): object {
  return { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } };
}

/** Rules that JSON Schema does not have (bytes of UTF-8) are left out; the answer to a bad request names them. */
function convert(schema: GenericSchema): object {
  const { $schema: _, ...converted } = toJsonSchema(schema, {
    typeMode: "input",
    target: "draft-2020-12",
    errorMode: "ignore",
    overrideSchema: ({ valibotSchema }) => OVERRIDES.get(valibotSchema),
  });
  return converted;
}
