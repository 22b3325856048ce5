import { listPaths, slashed, type CommandFacts, type FlagFacts } from "./commands.js";

/** The completion for fish, with what each word means. */
export function fishScript(commands: readonly CommandFacts[]): string {
  return `# Completion of inference-testkit for fish: inference-testkit completion fish | source
function __inference_testkit_at
    set -l where
    for word in (commandline -opc)[2..]
        contains -- "$where/$word" ${listPaths(commands).join(" ")}; and set where "$where/$word"
    end
    test "$where" = "$argv[1]"
end
complete -c inference-testkit -f
${commands.flatMap((facts) => [...commandLines(facts), ...fileLines(facts), ...facts.flags.map((flag) => flagLine(facts, flag))]).join("\n")}
`;
}

function commandLines(facts: CommandFacts): string[] {
  return facts.commands.map(({ name, help }) => `${start(facts)} -a ${name} -d ${quote(help)}`);
}

function fileLines(facts: CommandFacts): string[] {
  return facts.takesFiles ? [`${start(facts)} -F`] : [];
}

function flagLine(facts: CommandFacts, { name, help, value, choices }: FlagFacts): string {
  const long = name.replace(/^--/, "");
  const values = { file: " -rF", word: choices.length > 0 ? ` -xa ${quote(choices.join(" "))}` : " -x" };
  return `${start(facts)} -l ${long}${value === undefined ? "" : values[value]} -d ${quote(help)}`;
}

function start(facts: CommandFacts): string {
  return `complete -c inference-testkit -n '__inference_testkit_at "${slashed(facts)}"'`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
