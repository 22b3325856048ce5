import type { PageError, PageTestStatus } from "../page-data.js";
import { parseXml, type XmlElement } from "./parse-xml.js";

/** A test case of a JUnit file. */
export interface JUnitCase {
  readonly name: string;
  readonly className: string;
  readonly file: string | null;
  readonly status: PageTestStatus;
  readonly durationMs: number | null;
  readonly note: string | null;
  readonly errors: readonly PageError[];
  /** Values of the properties whose name begins with `evidence of`, by what follows. */
  readonly evidence: readonly (readonly [kind: string, folder: string])[];
}

/** What a JUnit file says. */
export interface JUnitResult {
  readonly cases: readonly JUnitCase[];
  readonly startedAt: string | null;
  readonly durationMs: number | null;
}

const EVIDENCE = /^evidence of (.+)$/;

/** Reads the test cases of a JUnit file, in its order. @throws {SyntaxError} not XML, or not a JUnit file. */
export function readJUnit(xml: string): JUnitResult {
  const root = parseXml(xml);
  if (root.name !== "testsuites" && root.name !== "testsuite") {
    throw new SyntaxError(`expected the root element \`testsuites\` or \`testsuite\`, got \`${root.name}\``);
  }
  const suites = [...listElements(root, "testsuite")];
  const timestamps = suites.flatMap(({ attributes }) => readTimestamp(attributes["timestamp"]));
  const times = suites.map(({ attributes }) => toMs(attributes["time"]) ?? 0);
  return {
    cases: [...listElements(root, "testcase")].map(readCase),
    startedAt: timestamps.sort()[0] ?? null,
    durationMs: toMs(root.attributes["time"]) ?? (times.length === 0 ? null : Math.max(...times)),
  };
}

function* listElements(element: XmlElement, name: string): Generator<XmlElement, void> {
  if (element.name === name) yield element;
  for (const child of element.children) yield* listElements(child, name);
}

function readCase(element: XmlElement): JUnitCase {
  const { attributes, children } = element;
  const problems = children.filter(({ name }) => name === "failure" || name === "error");
  const skipped = children.find(({ name }) => name === "skipped");
  const properties = [...listElements(element, "property")].map(({ attributes: own, text }) => {
    return [own["name"] ?? "", own["value"] ?? text.trim()] as const;
  });
  return {
    name: attributes["name"] ?? "",
    className: attributes["classname"] ?? "",
    file: attributes["file"] ?? null,
    status: problems.length > 0 ? "failed" : skipped === undefined ? "passed" : "skipped",
    durationMs: toMs(attributes["time"]),
    note: skipped?.attributes["message"] ?? null,
    errors: problems.map(readProblem),
    evidence: properties.flatMap(([name, value]) => {
      const kind = EVIDENCE.exec(name)?.[1];
      return kind === undefined ? [] : [[kind, value] as const];
    }),
  };
}

function readProblem({ attributes, text }: XmlElement): PageError {
  const stack = text.trim();
  const message = attributes["message"] ?? stack.split("\n", 1)[0] ?? "";
  return { message: message === "" ? "failed" : message, stack: stack === "" ? null : stack };
}

function readTimestamp(text = ""): string[] {
  const time = Date.parse(text);
  return Number.isNaN(time) ? [] : [new Date(time).toISOString()];
}

function toMs(seconds = ""): number | null {
  const value = Number(seconds);
  return seconds === "" || !Number.isFinite(value) || value < 0 ? null : value * 1000;
}
