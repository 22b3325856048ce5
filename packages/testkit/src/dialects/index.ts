export {
  describeContentType,
  dialectOption,
  ForeignJobError,
  isExecute,
  isStreamContentType,
  type Dialect,
  type EncodedRequest,
  type Endpoint,
  type EventDecoder,
  type ExecuteBody,
  type Framing,
  type Inspection,
  type WireMessage,
} from "./dialect.js";
export { orcd } from "./orcd.js";
