import { durationMs, resolveOptions, withDefault, type AnyOption, type ResolvedOptionsOf } from "../options/index.js";
import type { EngineState } from "./engine-state.js";
import type { CallId } from "./rpc/parse-message.js";

/** A call in progress. */
export interface Call {
  readonly id: CallId;
  readonly state: EngineState;
  /** Fires when the call is cancelled, has run out of time, or the engine ends. */
  readonly signal: AbortSignal;
  /** Sends a notification. */
  readonly notify: (method: string, params: object) => void;
  /** Waits until at most `window - 1` of `sentCount` notifications are unacknowledged. */
  readonly waitForRoom: (sentCount: number, window: number) => Promise<void>;
}

/** A param with its line in the documentation. */
export type Param = AnyOption & { readonly help: string };

/** The params of a method by name. */
export type ParamTable = Readonly<Record<string, Param>>;

/** One method of the protocol. */
export interface Method {
  /** What it does, for the documentation. */
  readonly summary: string;
  readonly params: ParamTable;
  /** What the result is, for the documentation. */
  readonly result: string;
  /** @throws {INVALID_OPTION} invalid params, before anything is done. */
  readonly run: (call: Call, params: unknown) => Promise<unknown>;
  /** Undoes a result that no one will receive, because the call was aborted first. */
  readonly undo?: ((state: EngineState, result: unknown) => Promise<void>) | undefined;
}

/** The time-out of every call. */
const CALL = { callTimeoutMs: withDefault(durationMs(), 600_000) };

/** How long a call may take. @throws {INVALID_OPTION} */
export function readCallTimeout(params: unknown): number {
  const given = (params as { readonly callTimeoutMs?: number } | null)?.callTimeoutMs;
  return resolveOptions(CALL, { callTimeoutMs: given }, "params").callTimeoutMs;
}

interface Definition<T extends ParamTable, R> {
  readonly summary: string;
  readonly params: T;
  readonly result: string;
  readonly run: (call: Call, params: ResolvedOptionsOf<T>) => Promise<R> | R;
  readonly undo?: (state: EngineState, result: R) => Promise<void>;
}

/** A param: an option, and what it is. */
export function param<O extends AnyOption>(help: string, option: O): O & { readonly help: string } {
  return { ...option, help };
}

/** One entry of the table of methods. */
export function defineMethod<const T extends ParamTable, R>(definition: Definition<T, R>): Method {
  const { summary, params, result, run, undo } = definition;
  const table = { ...params, ...CALL };
  return {
    summary,
    params,
    result,
    run: async (call, given) => run(call, resolveOptions(table, given as never, "params") as ResolvedOptionsOf<T>),
    undo: undo && ((state, value) => undo(state, value as R)),
  };
}
