/** What Jest's runner keeps about the test that runs. */
interface CircusState {
  readonly testTimeout?: number;
  readonly currentlyRunningTest?: { readonly timeout?: number } | null;
}

const DEFAULT_LIMIT_MS = 5_000;
/** Set by `jest.setTimeout()`. */
const TIMEOUT_SYMBOL = Symbol.for("TEST_TIMEOUT_SYMBOL");
/** Where jest-circus keeps its state; the symbol is not registered, so it is found by its name. */
const STATE_NAME = "JEST_STATE_SYMBOL";

/** The limit of the running test: its own, that of `jest.setTimeout()`, that of the configuration, or Jest's default. */
export function readJestLimit(own: number | undefined): number {
  const values = globalThis as unknown as Record<symbol, unknown>;
  const symbol = Object.getOwnPropertySymbols(globalThis).find(({ description }) => description === STATE_NAME);
  const state = symbol === undefined ? undefined : (values[symbol] as CircusState);
  const set = values[TIMEOUT_SYMBOL] as number | undefined;
  return own ?? state?.currentlyRunningTest?.timeout ?? set ?? state?.testTimeout ?? DEFAULT_LIMIT_MS;
}
