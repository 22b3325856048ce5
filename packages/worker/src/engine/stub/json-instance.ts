type Schema = Readonly<Record<string, unknown>>;

/** Schemas that refer to themselves end here. */
const MOST_LEVELS = 12;
/** Maximum number of generated values: a schema can multiply at every level. */
const MOST_VALUES = 2_000;
/** Maximum length of a list or text, whatever its schema demands. */
const MOST_ITEMS = 64;

/**
 * A JSON value that fits a schema, as simple as possible: all properties, the fewest items, the lowest numbers.
 *
 * @param choose picks among equals, such as the values of an `enum`.
 */
export function instanceOf(schema: Schema, choose: Choose = () => 0): unknown {
  return new InstanceBuilder(schema, choose).build(schema, 0);
}

/** A number from 0 to below `count`. */
export type Choose = (count: number) => number;

class InstanceBuilder {
  readonly #root: Schema;
  readonly #choose: Choose;
  #left = MOST_VALUES;

  constructor(root: Schema, choose: Choose) {
    this.#root = root;
    this.#choose = choose;
  }

  build(schema: unknown, level: number): unknown {
    if (!isSchema(schema) || level > MOST_LEVELS || this.#left-- <= 0) return null;
    if ("const" in schema) return schema["const"];
    const options = listOf(schema["enum"]);
    if (options.length > 0) return options[this.#choose(options.length)];
    if (typeof schema["$ref"] === "string") return this.build(this.#resolve(schema["$ref"]), level + 1);
    const [first] = [...listOf(schema["anyOf"]), ...listOf(schema["oneOf"])];
    if (first !== undefined) return this.build(first, level + 1);
    const all = listOf(schema["allOf"]).filter(isSchema);
    if (all.length > 0) return this.build(mergeAll(schema, all), level + 1);
    return this.#buildType(schema, level);
  }

  #buildType(schema: Schema, level: number): unknown {
    const [type = isSchema(schema["properties"]) ? "object" : "string"] = [schema["type"]].flat();
    switch (type) {
      case "object":
        return this.#buildObject(schema, level);
      case "array":
        return this.#buildArray(schema, level);
      case "integer":
      case "number":
        return lowest(schema);
      case "boolean":
        return this.#choose(2) === 1;
      case "null":
        return null;
      default:
        return "text"
          .padEnd(Math.min(numberOf(schema["minLength"], 0), MOST_ITEMS), "x")
          .slice(0, numberOf(schema["maxLength"], 64));
    }
  }

  #buildObject(schema: Schema, level: number): unknown {
    const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
    const required = new Set(listOf(schema["required"]));
    // Optional parts are left out below a certain depth, so that a recursive schema terminates.
    const wanted = Object.entries(properties).filter(([name]) => required.has(name) || level < MOST_LEVELS / 2);
    return Object.fromEntries(wanted.map(([name, value]) => [name, this.build(value, level + 1)]));
  }

  #buildArray(schema: Schema, level: number): unknown {
    const count = Math.min(numberOf(schema["minItems"], level < MOST_LEVELS / 2 ? 1 : 0), MOST_ITEMS);
    const length = Math.min(count, numberOf(schema["maxItems"], MOST_ITEMS));
    return Array.from({ length }, () => this.build(schema["items"] ?? { type: "string" }, level + 1));
  }

  /** `#/$defs/name`: only within the schema. */
  #resolve(reference: string): unknown {
    let found: unknown = this.#root;
    for (const key of reference.replace(/^#\/?/, "").split("/").filter(Boolean)) {
      found = isSchema(found) ? found[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
    }
    return found;
  }
}

function mergeAll({ allOf: _, ...own }: Schema, all: readonly Schema[]): Schema {
  const parts = [own, ...all];
  const properties = Object.assign({}, ...parts.map((part) => part["properties"] ?? {})) as Schema;
  return {
    ...Object.assign({}, ...parts),
    properties,
    required: parts.flatMap((part) => listOf(part["required"])),
  } as Schema;
}

function lowest(schema: Schema): number {
  const above = schema["exclusiveMinimum"];
  if (typeof above === "number") return Math.floor(above) + 1;
  const minimum = numberOf(schema["minimum"], Math.min(0, numberOf(schema["maximum"], 0)));
  const step = numberOf(schema["multipleOf"], 1);
  return schema["type"] === "integer" ? Math.ceil(minimum / step) * step : minimum;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
