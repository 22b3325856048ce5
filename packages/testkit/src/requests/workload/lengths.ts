import { checkOption, type Option } from "../../options/index.js";

/** More is a mistake. */
const MOST = 1_000_000;
const WANTED =
  "a length such as 200, uniform:50-400, normal:200,50 (mean, standard deviation), or file, from 1 to 1000000";

/** How lengths are distributed. `file`: each is that of its line. */
export type Lengths =
  | { readonly kind: "fixed"; readonly length: number }
  | { readonly kind: "uniform"; readonly least: number; readonly most: number }
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number }
  | { readonly kind: "file" };

/** Lengths in one word: `200`, `uniform:50-400`, `normal:200,50` or `file`. */
export function lengths(): Option<string, Lengths> {
  return {
    read: (name, value) => {
      const parsed = parseLengths(String(value));
      checkOption(parsed !== undefined && isPossible(parsed), name, { wanted: WANTED, value });
      return parsed;
    },
  };
}

function parseLengths(word: string): Lengths | undefined {
  if (word === "file") return { kind: "file" };
  const [, kind = "fixed", first = "", second] =
    /^(?:(fixed|uniform|normal):)?(\d+(?:\.\d+)?)(?:[-,](\d+(?:\.\d+)?))?$/.exec(word) ?? [];
  const numbers = [Number(first), Number(second)] as const;
  if (kind === "fixed") return first !== "" && second === undefined ? { kind, length: numbers[0] } : undefined;
  if (second === undefined) return undefined;
  if (kind === "uniform") return { kind, least: numbers[0], most: numbers[1] };
  return { kind: "normal", mean: numbers[0], deviation: numbers[1] };
}

function isPossible(lengths: Lengths): boolean {
  const isLength = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= MOST;
  switch (lengths.kind) {
    case "fixed":
      return isLength(lengths.length);
    case "uniform":
      return isLength(lengths.least) && isLength(lengths.most) && lengths.least <= lengths.most;
    case "normal":
      return lengths.mean >= 1 && lengths.mean <= MOST && lengths.deviation <= lengths.mean;
    case "file":
      return true;
  }
}

/**
 * One length; it is 1 at least.
 *
 * @param random numbers in (0, 1).
 * @param fromFile the length of the line.
 */
export function drawLength(lengths: Lengths, random: () => number, fromFile: number): number {
  switch (lengths.kind) {
    case "fixed":
      return lengths.length;
    case "uniform":
      return lengths.least + Math.floor(random() * (lengths.most - lengths.least + 1));
    case "normal": {
      const value = lengths.mean + lengths.deviation * drawNormal(random);
      return Math.min(MOST, Math.max(1, Math.round(value)));
    }
    case "file":
      return fromFile;
  }
}

/** Box and Muller (1958). */
function drawNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** As it was given. */
export function describeLengths(lengths: Lengths): string {
  switch (lengths.kind) {
    case "fixed":
      return String(lengths.length);
    case "uniform":
      return `uniform:${lengths.least}-${lengths.most}`;
    case "normal":
      return `normal:${lengths.mean},${lengths.deviation}`;
    case "file":
      return "file";
  }
}
