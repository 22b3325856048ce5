export {
  CONTROL_PATHS,
  type ArmAnswer,
  type FaultsAnswer,
  type JobJournal,
  type JournalAnswer,
  type JournalEntry,
} from "./control.js";
export {
  definitionOf,
  FAULT_GROUPS,
  FAULT_IDS,
  FaultLedger,
  FAULTS,
  isFaultId,
  parseFaults,
  type FaultAccount,
  type FaultDefinition,
  type FaultGroup,
  type FaultHit,
  type FaultId,
  type FaultIdOf,
  type FaultListener,
  type FaultMatch,
  type FaultOpportunity,
  type FaultPoint,
  type FaultProvider,
  type FaultSpec,
  type FaultTrigger,
  type FaultWhen,
  type ResolvedFault,
} from "./faults/index.js";
export {
  MUTANT_IDS,
  MUTANTS,
  mutantOf,
  type MutantDefinition,
  type MutantId,
  type MutantMaking,
  type WorkerMutantId,
} from "./mutants/index.js";
export { combine, combineMixed, hashSeed, hashText, mix32, toUnit } from "./random.js";
export { parseStubConfig, type StubConfig, type StubConfigInput, type StubItl } from "./stub-config.js";
export { replyFits, type ReplyQuestion, type StubReply, type StubReplyInput } from "./stub-reply.js";
