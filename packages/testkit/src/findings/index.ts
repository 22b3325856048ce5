export { allowedFindings, findingCode } from "./allowed-findings.js";
export { announceExplainer, findExplainer, type Explain } from "./explainers.js";
export { explainByFaults } from "./explain-by-faults.js";
export type { Finding, SeenFinding } from "./finding.js";
export { FindingLog } from "./finding-log.js";
export { createFindingsError } from "./findings-error.js";
export { FINDING_CODES, FINDINGS, type FindingCode } from "./registry.js";
export { settleFindings } from "./settle-findings.js";
