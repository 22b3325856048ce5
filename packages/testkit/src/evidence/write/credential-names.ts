/** Words that make any name that of a credential: `db-password`, `clientSecret`, `set-cookie`. */
const ALWAYS =
  "password passwd passphrase secret secrets apikey authorization cookie cookies credential credentials".split(" ");
/** Words that do so at the end of a name: `hf-token`, `x-auth`, but not `token_count` or `auth_mode`. */
const AT_END = "token auth bearer jwt pwd signature sig pass".split(" ");
/** Words before `key` that make it a credential. */
const OF_KEYS =
  "api access private secret auth account subscription signing encryption master admin service hf openai ssh".split(
    " ",
  );
/** Names written as one word: `PGPASSWORD`, `refreshtoken`. */
const UNBROKEN =
  /password|passwd|^my(?:token|secret)$|^(?:auth|api|access|secret|bearer|hf|id|refresh|session|csrf|xsrf)(?:token|key)$/;
/** Words before `token` that make it a token of a model. */
const OF_MODELS =
  "eos bos pad unk sep cls mask stop end start first last next prev max min special per time prompt image audio text";
const MODEL_WORDS = new Set(OF_MODELS.split(" "));

const known = new Map<string, boolean>();
const MOST_KNOWN = 10_000;

/**
 * Whether the value of a flag, header, field, parameter or variable with this name is a credential.
 *
 * @example isCredentialName("--hf-token"); isCredentialName("OPENAI_API_KEY"); isCredentialName("X-Amz-Signature") // true
 */
export function isCredentialName(name: string): boolean {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= MOST_KNOWN) known.clear();
  const words = splitWords(name);
  const is = words.length > 0 && judge(words);
  known.set(name, is);
  return is;
}

function judge(words: readonly string[]): boolean {
  const last = words.at(-1) ?? "";
  const before = words.at(-2) ?? "";
  if (words.some((word) => ALWAYS.includes(word) || UNBROKEN.test(word))) return true;
  if (words.some((word, index) => ALWAYS.includes(`${words[index - 1]}${word}`))) return true; // `passWord`
  if (words[0] === "aws" || (words[0] === "x" && (words[1] === "amz" || words[1] === "auth"))) return true;
  if (last === "key") return OF_KEYS.includes(before);
  if (last === "token" && MODEL_WORDS.has(before)) return false;
  return AT_END.includes(last);
}

/** `X-Api-Key`, `api_key`, `apiKey`, `api%5Fkey` and `HTTP.API.KEY` are the same words. */
function splitWords(name: string): string[] {
  const split = decode(name)
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return split.split(/[^a-z0-9]+/).filter((word) => word !== "");
}

function decode(name: string): string {
  if (!name.includes("%")) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
