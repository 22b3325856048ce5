/** Replaces a secret, without its length or hash, which would help to guess it. */
export const REDACTED = "[redacted]";

/** A shorter value is also an ordinary word: replacing it everywhere would make texts unreadable. */
const SHORTEST = 8;
/** A process that uses a fresh key for every server must not grow without bound. */
const MOST = 1000;

/** In the order of their arrival. */
const hidden = new Set<string>();
/** The same, longest first: one value may contain another. */
let longestFirst: readonly string[] = [];

/**
 * From now on, this value appears in no message, output, report or recording of this process, even if a server sends it back. Values of
 * fewer than 8 characters are not looked for.
 */
export function hideValue(value: string): void {
  const forms = [value, JSON.stringify(value).slice(1, -1)].filter((form) => form.length >= SHORTEST);
  for (const form of forms) {
    hidden.delete(form); // it moves to the end
    hidden.add(form);
  }
  for (const oldest of hidden) {
    if (hidden.size <= MOST) break;
    hidden.delete(oldest);
  }
  longestFirst = [...hidden].sort((first, second) => second.length - first.length);
}

/** Whether there is anything to hide. */
export function hasHiddenValues(): boolean {
  return longestFirst.length > 0;
}

/** The text without the hidden values. @param mask what replaces one. @default `[redacted]` */
export function withoutHiddenValues(text: string, mask: (value: string) => string = () => REDACTED): string {
  return longestFirst.reduce((shown, value) => (shown.includes(value) ? shown.replaceAll(value, mask) : shown), text);
}
