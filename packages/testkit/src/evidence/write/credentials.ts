import { REDACTED, withoutHiddenValues } from "../../terminal/index.js";
import { isCredentialName } from "./credential-names.js";

/** What replaces a value; in bytes, the length must not change. */
export type Mask = (value: string) => string;

/** Text without any of these contains no credential that could be found by name. */
const HINT = /key|token|secret|pass|pwd|auth|cookie|credential|amz|aws|bearer|basic|jwt|sig|%|:\/\//i;
const USER_INFO = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)([^\s/?#"'<>]{1,1000})@/gi;
const BEARER = /(\bbearer(?:\s+|%20|\+))([A-Za-z0-9._~+/=%-]+)/gi;
const BASIC = /(\bbasic(?:\s+|%20|\+))([A-Za-z0-9+/]{4,}(?:=|%3d){0,2})/gi;
const PRIVATE_KEY = /(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)([^"'`]*?)(?=-----END|["'`]|$)/g;
/** A run of name characters, matched as a whole: starting again inside it would take quadratic time. */
const NAME = /%(?!5f|2d)[0-9a-f]{2}|(-{0,2})([A-Za-z_](?:[\w.-]|%5f|%2d)*)/gi;
/** What may close a name (quotes, escaped once per level of nesting, and brackets), and what leads to its value. */
const LINK =
  /(?:\\{0,15}["']|\]|%22){0,4}(?:\s{0,8}(?:=>|:=|[:=]|,(?=\s?\\{0,15}["']))\s{0,8}|%3[ad]|\s{1,8})(?:Some\()?/iy;
/** No name is longer; the end of a path counts. */
const LONGEST_NAME = 100;
const QUOTED = /"(?:\\.|[^"\\])*(?:"|$)|'(?:\\.|[^'\\])*(?:'|$)|`[^`]*(?:`|$)|(\\+["']|%22)[^]*?(?:\1|$)/iy;
const LIST = /\[[^\]]*(?:\]|$)|\{[^}]*(?:\}|$)/y;
const WORD = /[^\s,;&"'`\\)\]}<>]+/y;
/** Values of these continue after a space: a scheme with its credential, or several cookies. */
const LONG_NAME = /authorization|cookie|auth$/i;
const LINE = /(?:=\s?"[^\r\n",:{}[\]\\]+"|[^\r\n"'`\\\]}])+/y;

/**
 * Removes the credentials from a text: the headers that servers were given, named ones in any notation, those in URLs, bearer and basic
 * credentials, and private keys.
 */
export function scrubText(given: string, mask: Mask = () => REDACTED): string {
  const text = withoutHiddenValues(given, mask);
  if (!HINT.test(text)) return text;
  const named = scrubNamed(text, mask);
  return named
    .replaceAll(USER_INFO, (_, scheme: string, user: string) => `${scheme}${mask(user)}@`)
    .replaceAll(BEARER, (_, scheme: string, value: string) => `${scheme}${mask(value)}`)
    .replaceAll(BASIC, (all, scheme: string, value: string) => (isUserInfo(value) ? `${scheme}${mask(value)}` : all))
    .replaceAll(PRIVATE_KEY, (_, begin: string, value: string) => `${begin}${mask(value)}`);
}

/** "Basic" is also a word: what follows is a credential only if it is the base64 of a user and a password. */
function isUserInfo(base64: string): boolean {
  return /^[ -~]*:[ -~]*$/.test(Buffer.from(base64, "base64").toString("latin1"));
}

function scrubNamed(text: string, mask: Mask): string {
  const parts: string[] = [];
  let [done, from] = [0, 0];
  for (;;) {
    NAME.lastIndex = from;
    const match = NAME.exec(text);
    if (match === null) break;
    const [, dashes = "", run = ""] = match;
    from = LINK.lastIndex = NAME.lastIndex;
    const link = run === "" ? undefined : LINK.exec(text)?.[0];
    if (link === undefined || (dashes === "" && /^\s+$/.test(link))) continue;
    const name = run.slice(-LONGEST_NAME);
    if (!isCredentialName(name) || isOther(text.slice(Math.max(0, match.index - 20), match.index), name, link))
      continue;
    const start = from + link.length;
    const value = findValue(text, start, name);
    if (value === "" || isHarmless(name, value, link)) continue;
    parts.push(text.slice(done, start), maskValue(value, mask));
    done = from = start + value.length;
  }
  return done === 0 ? text : [...parts, text.slice(done)].join("");
}

/** The first token of a stream is not a credential, and neither is a `token` that is itself the value of something. */
function isOther(before: string, name: string, link: string): boolean {
  if (/^token$/i.test(name) && /\b(first|last|next) $/i.test(before)) return true;
  return link.includes(",") && /[:=]\s*\\*["']$/.test(before);
}

function findValue(text: string, at: number, name: string): string {
  if (/^\[?redacted[\]:]/.test(text.slice(at, at + REDACTED.length))) return "";
  for (const kind of [QUOTED, LIST, LONG_NAME.test(name) ? LINE : WORD]) {
    kind.lastIndex = at;
    const found = kind.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return "";
}

/** A number after `token` is a count, and anything that looks like a flag is the next flag. */
function isHarmless(name: string, value: string, link: string): boolean {
  if (/^\s+$/.test(link) && /^--?[a-z]/i.test(value)) return true;
  return /^(true|false|null|none|undefined)$/i.test(value) || (/token$/i.test(name) && /^-?[\d.]+(ms|s)?$/.test(value));
}

/** Quotes are kept and a list becomes one string, so that JSON remains JSON. */
function maskValue(value: string, mask: Mask): string {
  const isList = /^[[{]/.test(value);
  const quote = (isList ? /\\*["']/ : /^(?:\\*["'`]|%22)/i).exec(value)?.[0] ?? "";
  const isClosed = isList || (quote !== "" && value.length >= 2 * quote.length && value.endsWith(quote));
  const inner = value.slice(quote.length, isClosed ? value.length - quote.length : undefined);
  return `${quote}${inner === "" ? "" : mask(inner)}${isClosed ? quote : ""}`;
}
