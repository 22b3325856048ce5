/** The limit of a test: its own, or that of `node --test --test-timeout`, which passes the flag to the processes of the files. */
export function readNodeLimit(own: number | undefined): number {
  const flag = process.execArgv.findLast((word) => word.startsWith("--test-timeout="));
  return own ?? (flag === undefined ? Infinity : Number(flag.slice("--test-timeout=".length)));
}
