const LONGEST_COMMAND = 500;

/** A command line for messages: arguments with spaces are quoted, and long ones are truncated. */
export function formatCommand({
  command,
  args,
}: {
  readonly command: string;
  readonly args: readonly string[];
}): string {
  const line = [command, ...args].map((part) => (/^[^\s"']+$/.test(part) ? part : JSON.stringify(part))).join(" ");
  return line.length <= LONGEST_COMMAND ? line : `${line.slice(0, LONGEST_COMMAND)} …`;
}
