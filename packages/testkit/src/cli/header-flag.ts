import { serverHeaders } from "../client/index.js";
import { InvalidOptionError } from "../errors/index.js";
import type { Option } from "../options/index.js";
import { flagOf, repeatable } from "./flags.js";

/** Name and value of one header. */
type HeaderPair = readonly [name: string, value: string];

/** `$NAME`, `${NAME}`, or `$$` for a dollar sign. */
const VARIABLE = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g;

/** `Name: value`. Variables keep a secret out of the command line, which every user of the machine can read. No message has a value. */
function headerLine(): Option<string, readonly HeaderPair[]> {
  return {
    read: (name, line) => {
      const [, header, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/s.exec(String(line)) ?? [];
      if (header === undefined || value === undefined) {
        throw new InvalidOptionError({ message: `Expected \`${name}\` to be a header such as 'Name: value'` });
      }
      const pair = [header, insertVariables(name, value)] as const;
      serverHeaders().read(name, { [header]: pair[1] });
      return [pair];
    },
  };
}

function insertVariables(name: string, value: string): string {
  return value.replaceAll(VARIABLE, (found: string, plain?: string, inBraces?: string) => {
    if (found === "$$") return "$";
    const variable = plain ?? inBraces ?? "";
    const text = process.env[variable];
    if (text !== undefined && text !== "") return text;
    throw new InvalidOptionError({
      message: `Expected \`${name}\` to name variables of the environment that are set, got \`$${variable}\`, which is not; a dollar sign is \`$$\``,
    });
  });
}

/** The flag of every command that sends requests to a server. */
export const HEADER_FLAG = repeatable(
  flagOf(
    "--header <line>",
    "with --url or --command: send this header with every request; $NAME is read from the environment, for example 'Authorization: Bearer $API_KEY'; may be repeated",
    headerLine(),
  ),
);

/** The option `headers`. @throws {INVALID_OPTION} a header was given twice. */
export function toHeaders(pairs: readonly HeaderPair[] | undefined): Readonly<Record<string, string>> | undefined {
  const names = (pairs ?? []).map(([name]) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return pairs && Object.fromEntries(pairs);
  throw new InvalidOptionError({ message: `Expected \`--header\` with each header once, got \`${twice}\` twice` });
}
