import type { Dialect } from "../../dialects/index.js";
import type { WorkerTestHarness } from "../../harness/index.js";
import type { StartChange, StartFacts } from "./start-change.js";

/** Where the server under test comes from. */
export type ServerSource =
  /** It runs already, and belongs to the caller. */
  | { readonly kind: "running"; readonly harness: WorkerTestHarness }
  /** It is started here, also again after it died, and stopped at the end. */
  | {
      readonly kind: "started";
      readonly command: string;
      readonly start: (signal: AbortSignal, change?: StartChange) => Promise<WorkerTestHarness>;
      /** What can be changed about a start. @default nothing */
      readonly changes?: StartFacts["changes"] | undefined;
      /** The model file that the command names. */
      readonly modelFile?: string | undefined;
    };

/** What requests say. */
export interface Asking {
  /** @default that of the harness */
  readonly dialect?: Dialect | undefined;
  /** @default the first one that the server lists */
  readonly model?: string | undefined;
}
