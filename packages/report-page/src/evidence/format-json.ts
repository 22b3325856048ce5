const PARTS = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/** JSON with a line for each value. Works on the text, so integers of any size stay as they are. What is not JSON is returned unchanged. */
export function formatJson(json: string): string {
  const parts = json.match(PARTS);
  if (parts === null || !/^\s*[[{]/.test(json)) return json;
  let depth = 0;
  let text = "";
  const lineBreak = (): string => `\n${"  ".repeat(depth)}`;
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1] ?? "";
    if (part === "{" || part === "[") {
      depth += 1;
      text += isClosing(next) ? part : part + lineBreak();
    } else if (isClosing(part)) {
      depth = Math.max(0, depth - 1);
      text += isOpening(parts[index - 1] ?? "") ? part : lineBreak() + part;
    } else if (part === ",") text += part + lineBreak();
    else text += part === ":" ? ": " : part;
  }
  return text;
}

function isOpening(part: string): boolean {
  return part === "{" || part === "[";
}

function isClosing(part: string): boolean {
  return part === "}" || part === "]";
}
