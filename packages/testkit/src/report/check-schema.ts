import { readFileSync } from "node:fs";
import { suggest } from "inference-worker-protocol/validation";
import { packageFile } from "../system/index.js";

/** The subset of JSON Schema that the published schema uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** Where a document violates a schema. */
export interface SchemaProblem {
  /** The path of the value, such as `load.counts.attempted`; empty for the whole document. */
  readonly path: string;
  /** For example "`load.counts.attempted` is not a number". */
  readonly message: string;
}

/** The published schemas, by the name of their file. */
type SchemaName = "run-report" | "conformance-report";

const published = new Map<SchemaName, Schema>();

/**
 * Finds a place where a document violates the published schema (`inference-testkit/report/schema`). Without this check, a writer that
 * expects a number would copy untrusted text into a page. Unknown fields pass.
 *
 * @returns `undefined` if there is none.
 */
export function findSchemaProblem(document: unknown, name: SchemaName = "run-report"): SchemaProblem | undefined {
  return new SchemaSearch(readSchema(name)).inDocument(document);
}

function readSchema(name: SchemaName): Schema {
  const schema =
    published.get(name) ?? (JSON.parse(readFileSync(packageFile(`schema/${name}.schema.json`), "utf8")) as Schema);
  published.set(name, schema);
  return schema;
}

/** Looks for problems by one schema. */
class SchemaSearch {
  readonly #root: Schema;

  constructor(root: Schema) {
    this.#root = root;
  }

  /** Of a whole document. */
  inDocument(document: unknown): SchemaProblem | undefined {
    return this.#find(this.#root, document, "");
  }

  #find(schema: Schema, value: unknown, path: string): SchemaProblem | undefined {
    if (schema.$ref !== undefined) return this.#find(this.#resolve(schema.$ref), value, path);
    if (schema.anyOf !== undefined) return this.#findInUnion(schema.anyOf, value, path);
    const wrong = findInValue(schema, value);
    if (wrong !== undefined) return { path, message: `\`${path}\` is not ${wrong}` };
    if (Array.isArray(value)) return this.#findInList(schema, value, path);
    return typeof value === "object" && value !== null ? this.#findInObject(schema, value, path) : undefined;
  }

  #resolve(reference: string): Schema {
    const name = decodeURIComponent(reference.replace("#/definitions/", ""));
    const found = this.#root.definitions?.[name];
    if (found === undefined) throw new Error(`The schema has no ${reference}`);
    return found;
  }

  /** Reports the problem of the form whose constants (such as `status`) match the value; if none match, no form fits. */
  #findInUnion(forms: readonly Schema[], value: unknown, path: string): SchemaProblem | undefined {
    const problems = forms.map((form) => this.#find(form, value, path));
    if (problems.includes(undefined)) return undefined;
    const [meant, ...others] = forms.flatMap((form, index) =>
      this.#hasConstants(form, value) ? [problems[index]] : [],
    );
    if (others.length === 0 && meant !== undefined) return meant;
    return { path, message: `\`${path}\` has none of the forms that it may have` };
  }

  #hasConstants(form: Schema, value: unknown): boolean {
    if (form.$ref !== undefined) return this.#hasConstants(this.#resolve(form.$ref), value);
    if (typeof value !== "object" || value === null) return false;
    const constants = Object.entries(form.properties ?? {}).filter(([, { const: only }]) => only !== undefined);
    return constants.every(([name, { const: only }]) => (value as Readonly<Record<string, unknown>>)[name] === only);
  }

  #findInList({ items, minItems = 0, maxItems = Infinity }: Schema, list: readonly unknown[], path: string) {
    if (list.length < minItems || list.length > maxItems)
      return { path, message: `\`${path}\` has ${list.length} items` };
    if (items === undefined) return undefined;
    for (const [index, item] of list.entries()) {
      const schema = Array.isArray(items) ? (items as readonly Schema[])[index] : (items as Schema);
      const problem = schema === undefined ? undefined : this.#find(schema, item, `${path}[${index}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #findInObject(
    { properties = {}, required = [], additionalProperties = true }: Schema,
    value: object,
    path: string,
  ): SchemaProblem | undefined {
    const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
    const missing = required.find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) {
      const unknown = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
      return describeMissing(missing, unknown, at);
    }
    for (const [name, inner] of Object.entries(value)) {
      const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      const problem = typeof known === "object" ? this.#find(known, inner, at(name)) : undefined;
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

/** A missing member, with the unknown one that probably stands for it. @param at the path of a member. */
export function describeMissing(
  missing: string,
  unknown: readonly string[],
  at = (name: string): string => name,
): SchemaProblem {
  const similar = unknown.find((name) => suggest(missing, [name]) !== "");
  const instead = similar === undefined ? "" : `; there is \`${at(similar)}\` instead`;
  return { path: at(similar ?? missing), message: `\`${at(missing)}\` is missing${instead}` };
}

function findInValue({ type, const: only, enum: choices }: Schema, value: unknown): string | undefined {
  if (only !== undefined && value !== only) return JSON.stringify(only);
  if (choices !== undefined && !choices.includes(value)) return `one of ${choices.map(String).join(", ")}`;
  if (type === undefined) return undefined;
  const types = typeof type === "string" ? [type] : type;
  return types.includes(typeOf(value)) ? undefined : types.map(withArticle).join(" or ");
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function withArticle(type: string): string {
  if (type === "null") return type;
  return `${/^[ao]/.test(type) ? "an" : "a"} ${type}`;
}
