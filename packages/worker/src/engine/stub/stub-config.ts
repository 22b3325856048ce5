export { parseStubConfig, type StubConfig, type StubReply } from "worker-orcd-control";
