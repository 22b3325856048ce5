export { parseStubConfig, type StubConfig } from "inference-worker-protocol";
