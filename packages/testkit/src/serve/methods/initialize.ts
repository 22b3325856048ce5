import { group, integer, required, resolveOptions, text } from "../../options/index.js";
import { readVersion } from "../../system/index.js";
import { param } from "../method.js";
import { RpcError } from "../rpc/rpc-error.js";

/** The version of the protocol. It grows with every change that an older client or engine would misread. */
export const PROTOCOL_VERSION = 1;

export const INITIALIZE_PARAMS = {
  protocolVersion: param(`the version that the client speaks: ${PROTOCOL_VERSION}`, required(integer())),
  client: param(
    "who is calling: `{ name, version? }`",
    group({ name: required(text({ filled: true })), version: text() }),
  ),
  processId: param("the engine ends when this process is gone", integer([1, 2 ** 31 - 1])),
};

/** The answer to `initialize`, and whom to watch. */
export interface Initialized {
  readonly processId: number | undefined;
  readonly answer: object;
}

/** @throws {INVALID_OPTION} @throws {RpcError} another version. */
export function initialize(params: unknown): Initialized {
  const { protocolVersion, processId } = resolveOptions(INITIALIZE_PARAMS, params as never, "params");
  if (protocolVersion !== PROTOCOL_VERSION) {
    const message = `Expected \`params.protocolVersion\` to be ${PROTOCOL_VERSION}, got ${protocolVersion}`;
    throw new RpcError("UNKNOWN_VERSION", message);
  }
  const engine = { name: "inference-testkit", version: readVersion(), pid: process.pid };
  return { processId, answer: { protocolVersion, engine } };
}
