import { toVisibleText } from "../../terminal/index.js";

/** GitHub drops a summary of more than 1 MiB as a whole. The margin is for what other steps write. */
export const MARKDOWN_LIMIT_BYTES = 1024 * 1024 - 64 * 1024;

/** The cells are text; what is markup in it is escaped here, for all of them. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const body = rows.map((row) => line(row.map((cell) => markdownText(cell))));
  return [line(head), line(head.map(() => "---")), ...body, ""];
}

/** No character of it is markup, ends a cell or a line, or makes a link, a mention, a reference or an emoji of a name. */
export function markdownText(value: string): string {
  return toVisibleText(value)
    .replace(MARKUP, (match) => ESCAPES[match] ?? `\\${match}`)
    .trim();
}

const MARKUP = /[\\`*_{}[\]()#+!|~$@<>&]|:(?=\/\/|[\w+-]+:)|\.(?<=\bwww\.)|-(?<=\bGH-)/gi;

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  "|": "\\|",
  "@": "@<!-- -->",
  "#": "#<!-- -->",
  ":": "&#58;",
  ".": "&#46;",
  "-": "-<!-- -->",
};

/** Joins lines; what is longer than `limitBytes` is cut at the end of a line and says so. @param whole the files that have everything. */
export function joinMarkdown(
  lines: readonly string[],
  { limitBytes, whole: files }: { limitBytes: number; whole: string },
): string {
  const whole = `${lines.join("\n")}\n`;
  if (Buffer.byteLength(whole) <= limitBytes) return whole;
  const note = `\n**This summary was cut here: the whole would be too long. ${files} everything.**\n`;
  let [size, count] = [Buffer.byteLength(note), 0];
  for (const line of lines) {
    size += Buffer.byteLength(line) + 1;
    if (size > limitBytes) break;
    count += 1;
  }
  return `${lines.slice(0, count).join("\n")}\n${note}`;
}
