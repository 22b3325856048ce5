import { toVisibleText } from "../../terminal/index.js";

/** One value with its labels. */
export interface Sample {
  /** Added to the name of its family: `_bucket`. */
  readonly suffix?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A metric of Prometheus and its values. */
export interface Family {
  readonly name: string;
  readonly type: "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * Metrics in Prometheus' text format, version 0.0.4. Families without a value are left out. What a terminal would interpret is an escape
 * sequence in the values of labels.
 *
 * @example writePrometheus([{ name: "up", type: "gauge", help: "1 if it is up.", samples: [{ labels: {}, value: 1 }] }])
 */
export function writePrometheus(families: readonly Family[]): string {
  const filled = families.filter(({ samples }) => samples.length > 0);
  return filled.map((family) => `${writeFamily(family).join("\n")}\n`).join("");
}

function writeFamily({ name, type, help, samples }: Family): string[] {
  return [
    `# HELP ${name} ${help.replace(/[\\\n]/g, escapeCharacter)}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ suffix = "", labels, value }) => `${name}${suffix}${writeLabels(labels)} ${writeNumber(value)}`),
  ];
}

function writeLabels(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    return `${toName(name)}="${toVisibleText(String(value)).replace(/[\\"\n]/g, escapeCharacter)}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** A name of OpenTelemetry as a name of Prometheus. */
export function toName(name: string): string {
  return name.replace(/[^\w]/g, "_");
}

/** A bound of a bucket, or a value. */
export function writeNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(Number(value.toPrecision(12)));
  return value > 0 ? "+Inf" : "-Inf";
}

function escapeCharacter(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}
