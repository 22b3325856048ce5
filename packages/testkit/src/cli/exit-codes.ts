/** The exit codes of the process, as listed in the help of every command. */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, inconclusive: 3 } as const;

/** Added to the help of every command. */
export const EXIT_CODES_HELP = `
Exit codes: ${EXIT_CODES.ok} ok, ${EXIT_CODES.failed} failed, ${EXIT_CODES.usage} invalid command, option or value,
${EXIT_CODES.inconclusive} a run that proves nothing: invalid, inconclusive, too few samples, not comparable.`;
