/** Words with more differing letters are not similar. */
const MOST_EDITS = 2;
/** Shorter texts are part of too many words. */
const SHORTEST_PART = 3;

/**
 * The end of a message about an unknown word: ``; did you mean `vram-oom`?`` if a known word is similar, else empty.
 *
 * Similar means: equal except for case, `-` and `_`; one is part of the other; at most two letters differ; or the same
 * letters.
 *
 * @example `got \`${word}\`${suggest(word, known)}`
 */
export function suggest(word: unknown, known: readonly string[]): string {
  if (typeof word !== "string") return "";
  const given = normalize(word);
  const [nearest] = known
    .map((name) => ({ name, cost: costOf(given, normalize(name)) }))
    .filter(({ cost }) => cost < Infinity)
    .sort((a, b) => a.cost - b.cost);
  return nearest === undefined ? "" : `; did you mean \`${nearest.name}\`?`;
}

function normalize(word: string): string {
  return word.slice(0, 64).toLowerCase().replace(/[-_]/g, "");
}

/** From 0, equal, to infinity, not similar. */
function costOf(given: string, name: string): number {
  if (given === name) return 0;
  const [shorter, longer] = given.length < name.length ? [given, name] : [name, given];
  if (shorter.length < SHORTEST_PART) return Infinity;
  if (longer.includes(shorter)) return 0.5;
  if (sortLetters(given) === sortLetters(name)) return 1;
  const edits = countEdits(given, name);
  return edits <= Math.min(MOST_EDITS, Math.floor(shorter.length / 3)) ? edits : Infinity;
}

function sortLetters(word: string): string {
  return Array.from(word).sort().join("");
}

/** Number of letters to insert, delete or replace. */
function countEdits(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of Array.from(from).entries()) {
    const current = [row + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
