import { listPaths, slashed, type CommandFacts, type FlagFacts } from "./commands.js";

/** The completion for bash 3.2 and later. */
export function bashScript(commands: readonly CommandFacts[]): string {
  return `# Completion of inference-testkit for bash: source <(inference-testkit completion bash)
_inference_testkit() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} path= words= files= index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path/\${COMP_WORDS[index]}" in
      ${listPaths(commands).join(" | ")}) path="$path/\${COMP_WORDS[index]}" ;;
    esac
  done
  case "$path $previous" in
${commands.flatMap(({ path, flags }) => flags.flatMap((flag) => valueCase(slashed({ path }), flag))).join("\n")}
  esac
  case "$path" in
${commands.map(wordsCase).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") \${files:+$(compgen -f -- "$current")})
}
complete -F _inference_testkit inference-testkit
`;
}

function valueCase(path: string, { name, value, choices }: FlagFacts): string[] {
  if (value === undefined) return [];
  const reply = choices.length > 0 ? `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current")); ` : "";
  return [`    "${path} ${name}") ${value === "file" ? 'COMPREPLY=($(compgen -f -- "$current")); ' : reply}return ;;`];
}

function wordsCase({ path, commands, flags, takesFiles }: CommandFacts): string {
  const words = [...commands, ...flags].map(({ name }) => name).join(" ");
  return `    "${slashed({ path })}") words="${words}"${takesFiles ? " files=1" : ""} ;;`;
}
