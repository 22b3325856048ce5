import * as v from "valibot";

/** What breaks, as a heading of the catalogue. */
export const FAULT_GROUPS = [
  "connection",
  "headers",
  "transport",
  "framing",
  "payload",
  "engine",
  "health",
  "process",
  "host",
] as const;
export type FaultGroup = (typeof FAULT_GROUPS)[number];

/**
 * What provides a fault: the `stub` engine of worker-orcd, a `proxy` in front of any worker, the `harness` that launched the process,
 * or the `host` (an operating-system limit that the program is started under).
 */
export type FaultProvider = "stub" | "proxy" | "harness" | "host";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(3_600_000));

/** Where in a request a fault can happen. */
const POINTS = {
  headers: v.literal("after-headers"),
  tokens: v.strictObject({ afterTokens: count }),
  bytes: v.strictObject({ afterBytes: count }),
  ms: v.strictObject({ afterMs: milliseconds }),
} as const;
type Point = keyof typeof POINTS;

/** The point of a request at which a fault happens, resolved. */
export type FaultPoint =
  "after-headers" | { readonly afterTokens: number } | { readonly afterBytes: number } | { readonly afterMs: number };

type Entries = Readonly<Record<string, v.GenericSchema>>;

/** One entry of the catalogue. */
export interface FaultDefinition<
  Params extends Entries = Entries,
  At extends Point = Point,
  Provider extends FaultProvider = FaultProvider,
> {
  readonly group: FaultGroup;
  readonly provider: Provider;
  /** What happens, in one sentence. */
  readonly meaning: string;
  /** What the framework reports, by outcome and code. */
  readonly reports: string;
  /** The fault's own parameters. */
  readonly params: Params;
  /** Points at which it can happen; empty if it has none. */
  readonly at: readonly At[];
  /** The point if none is given. */
  readonly defaultAt: FaultPoint | undefined;
  /** Takes effect while the worker starts, so it cannot be armed later. */
  readonly startOnly: boolean;
}

/** No parameters, no points. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- intersected with the parameters and points that there are
export type NoParams = {};

/** A definition before its defaults are applied. */
export interface FaultText<Params extends Entries, At extends Point> {
  readonly meaning: string;
  readonly reports: string;
  readonly params?: Params;
  readonly at?: readonly At[];
  readonly defaultAt?: FaultPoint;
  readonly startOnly?: boolean;
}

/** Creates the entries of one group with its provider, and applies the defaults. */
export function defineGroup<Provider extends FaultProvider>(group: FaultGroup, provider: Provider) {
  return <const Params extends Entries = NoParams, At extends Point = never>(
    text: FaultText<Params, At>,
  ): FaultDefinition<Params, At, Provider> => ({
    group,
    provider,
    meaning: text.meaning,
    reports: text.reports,
    params: text.params ?? ({} as Params),
    at: text.at ?? [],
    defaultAt: text.defaultAt,
    startOnly: text.startOnly ?? false,
  });
}

/** The schema of `at` for the points that a fault allows. */
export function pointSchema(points: readonly Point[]) {
  const [only] = points;
  if (only !== undefined && points.length === 1) return POINTS[only];
  return v.union(
    points.map((point) => POINTS[point]),
    `Expected one of ${points.map(describePoint).join(", ")}`,
  );
}

/** The input form of a point. */
export function describePoint(point: Point): string {
  return point === "headers" ? '"after-headers"' : `{ after${point === "ms" ? "Ms" : capitalise(point)}: n }`;
}

function capitalise(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/** The input type of `at`. */
export type PointInput<At extends Point> = v.InferInput<(typeof POINTS)[At]>;

/** Schemas of shared parameters. */
export const param = {
  count: v.optional(count),
  /** At least one byte, at most 1 GiB. */
  bytes: (standard: number) =>
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 30)), standard),
  ms: (standard: number) => v.optional(milliseconds, standard),
  maybeMs: v.optional(milliseconds),
  text: (standard: string) => v.optional(v.string(), standard),
  /** A header name (RFC 9110, 5.6.2), resolved to lower case. */
  headerName: (standard: string) =>
    v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "Expected the name of a header"),
        v.transform((name) => name.toLowerCase()),
      ),
      standard,
    ),
  /** A header value (RFC 9110, 5.5): no line ends, only Latin-1. */
  headerText: (standard: string) =>
    v.optional(
      v.pipe(v.string(), v.regex(/^[\t\x20-\x7e\x80-\xff]+$/, "Expected text that is valid in a header")),
      standard,
    ),
  /** A content type other than that of an event stream. */
  otherType: (standard: string) =>
    v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[\x20-\x7e]+$/, "Expected text that is valid in a header"),
        v.check(
          (type) => type.split(";", 1)[0]?.trim().toLowerCase() !== "text/event-stream",
          "Expected a content type other than text/event-stream",
        ),
      ),
      standard,
    ),
  integer: (min: number, max: number, standard: number) =>
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max)), standard),
} as const;
