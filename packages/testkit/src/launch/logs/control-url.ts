/** The control listener's address in a ready line, as JSON text. */
const CONTROL_URL = /("control_url"\s*:\s*)("(?:[^"\\]|\\.)*")/g;
const HIDDEN = "[hidden]";

/** A line that is safe to keep and show, and the address that was in it. */
export interface CheckedLine {
  readonly text: string;
  readonly controlUrl: string | undefined;
}

/**
 * Hides the path of `control_url`: anyone who knows its token can arm faults, and log lines end up in error messages, reports and
 * evidence.
 */
export function hideControlToken(line: string): CheckedLine {
  let controlUrl: string | undefined;
  if (!line.includes("control_url")) return { text: line, controlUrl };
  const text = line.replace(CONTROL_URL, (_, name: string, json: string) => {
    controlUrl = readText(json);
    return `${name}${JSON.stringify(hidePath(controlUrl))}`;
  });
  return { text, controlUrl };
}

function hidePath(url: string | undefined): string {
  if (url === undefined || !URL.canParse(url)) return HIDDEN;
  const { origin, protocol, pathname, search } = new URL(url);
  if (pathname === "/" && search === "") return url;
  return origin === "null" ? `${protocol}${HIDDEN}` : `${origin}/${HIDDEN}`;
}

function readText(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined; // an escape that is invalid in JSON
  }
}
