export { parseStubConfig, type StubConfig } from "worker-orcd-control";
