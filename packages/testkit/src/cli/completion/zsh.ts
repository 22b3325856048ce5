import { listPaths, slashed, type CommandFacts, type FlagFacts, type Word } from "./commands.js";

/** The completion for zsh, with what each word means. */
export function zshScript(commands: readonly CommandFacts[]): string {
  return `#compdef inference-testkit
# Completion of inference-testkit for zsh: source <(inference-testkit completion zsh)
_inference_testkit() {
  local where= files= index previous=\${words[CURRENT-1]}
  local -a choices
  for ((index = 2; index < CURRENT; index++)); do
    case "$where/\${words[index]}" in
      ${listPaths(commands).join(" | ")}) where="$where/\${words[index]}" ;;
    esac
  done
  case "$where $previous" in
${commands.flatMap(({ path, flags }) => flags.flatMap((flag) => valueCase(slashed({ path }), flag))).join("\n")}
  esac
  case "$where" in
${commands.map(wordsCase).join("\n")}
  esac
  _describe -o 'inference-testkit' choices
  [[ -z $files ]] || _files
}
compdef _inference_testkit inference-testkit
`;
}

function valueCase(path: string, { name, value, choices }: FlagFacts): string[] {
  if (value === undefined) return [];
  const reply = value === "file" ? "_files" : choices.length > 0 ? `compadd -- ${choices.join(" ")}` : ":";
  return [`    "${path} ${name}") ${reply}; return ;;`];
}

function wordsCase({ path, commands, flags, takesFiles }: CommandFacts): string {
  return `    "${slashed({ path })}") choices=(${[...commands, ...flags].map(describe).join(" ")})${takesFiles ? " files=1" : ""} ;;`;
}

/** A colon separates a word from what it means. */
function describe({ name, help }: Word): string {
  return quote(`${name.replaceAll(":", "\\:")}:${help}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
