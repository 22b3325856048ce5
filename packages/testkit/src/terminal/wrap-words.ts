/** A part of a line as it is written, with its width on the screen. */
export interface SizedText {
  readonly shown: string;
  readonly width: number;
  /** Whether it may be broken at its spaces. */
  readonly isBreakable: boolean;
}

const INDENT = "    ";

/**
 * Breaks a line between words, with an indent from the second line on: a terminal breaks inside words. A word that is longer than a line, such as
 * a path, stays whole.
 */
export function wrapWords(parts: readonly SizedText[], columnCount: number): string[] {
  const lines: string[] = [];
  let [line, width] = ["", 0];
  for (const [index, word] of splitWords(parts).entries()) {
    if (index > 0 && width + 1 + word.width > columnCount && width > 0) {
      lines.push(line.trimEnd());
      [line, width] = [`${INDENT}${word.shown}`, INDENT.length + word.width];
    } else {
      const space = index === 0 ? "" : " ";
      line += `${space}${word.shown}`;
      width += space.length + word.width;
    }
  }
  return [...lines, line];
}

/** What has no space between it stays together, also across parts. */
function splitWords(parts: readonly SizedText[]): { shown: string; width: number }[] {
  const words = [{ shown: "", width: 0 }];
  const extend = (shown: string, width: number): void => {
    const last = words.at(-1);
    if (last === undefined) return;
    last.shown += shown;
    last.width += width;
  };
  for (const { shown, width, isBreakable } of parts) {
    if (!isBreakable) {
      extend(shown, width);
      continue;
    }
    const [first = "", ...others] = shown.split(" ");
    extend(first, first.length);
    for (const word of others) words.push({ shown: word, width: word.length });
  }
  return words;
}
