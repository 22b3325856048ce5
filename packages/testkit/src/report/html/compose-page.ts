import { createHash } from "node:crypto";
import { toVisibleJson, toVisibleText } from "../../terminal/index.js";
import { escapeMarkup } from "../writers/escape-markup.js";
import type { PageAssets } from "./page-assets.js";

const ESCAPES: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };

/** What differs between two pages. */
export interface PageParts {
  readonly title: string;
  /** Embedded as JSON; the script of the page reads it. */
  readonly data: unknown;
  /** Shown where scripts are disabled: which files have the same content. */
  readonly withoutScript: string;
  /** Served while the run is under way: the page may ask its own server, and no other, for more. @default false */
  readonly isLive?: boolean | undefined;
}

/**
 * One self-contained HTML file: it loads nothing from the network, and its content security policy forbids it. Text in the data cannot become
 * markup or script; see {@link embedJson}. Concatenated rather than replaced, so `$&` in a text has no effect.
 */
export function composePage({ title, data, withoutScript, isLive = false }: PageParts, assets: PageAssets): string {
  const { script, style, licenses } = assets;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    ...(isLive ? ["connect-src 'self'"] : []),
  ].join("; ");
  return [
    "<!doctype html>\n",
    '<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n',
    '<link rel="icon" href="data:,">\n',
    `<title>${escapeMarkup(toVisibleText(title))}</title>\n`,
    licenses === ""
      ? ""
      : `<!--\nThis page contains software of others:\n\n${licenses.replaceAll("--", "- -").trim()}\n-->\n`,
    `<style>${style}</style>\n</head>\n<body>\n`,
    `<noscript>${escapeMarkup(withoutScript)}</noscript>\n`,
    `<main id="report"${isLive ? " data-live" : ""}></main>\n`,
    `<script type="application/json" id="data">${embedJson(data)}</script>\n`,
    `<script>${script}</script>\n</body>\n</html>\n`,
  ].join("");
}

/**
 * JSON for the inside of a `<script>` element: no text in it can end the element or open a comment, and every value is preserved.
 * Characters that a terminal would interpret are escaped as well, in case the file is printed.
 *
 * @example embedJson("</script>") // "\"\\u003c/script\\u003e\""
 */
export function embedJson(value: unknown): string {
  return toVisibleJson(JSON.stringify(value)).replace(/[<>&]/g, (char) => ESCAPES[char] ?? char);
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
