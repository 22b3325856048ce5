import {
  defineOptions,
  group,
  integer,
  number,
  recordOf,
  text,
  withDefault,
  type OptionsOf,
  type ResolvedOptionsOf,
} from "../options/index.js";

const TOLERANCE = defineOptions({
  /** Number of characters at the start that have to be the same. @default 0 */
  sameCharacters: withDefault(integer(), 0),
  /**
   * Largest share of different words, from 0 to 1: the words to insert, remove or replace to turn one text into the other, over the words
   * of the longer one. @default 1
   */
  differentWords: withDefault(number([0, 1]), 1),
});

export const GOLDEN_OPTIONS = defineOptions({
  /** Folder of the transcripts. @default `__golden__/<name of the test file>`, beside the test file */
  folder: text({ filled: true }),
  /** What the output depends on and the worker does not report, such as `{ device: "H100" }`. It replaces what the worker reports. @default nothing */
  key: recordOf(text({ filled: true })),
  /** Accepts a text that is close to the golden one, however it ends. @default the same text, tokens and stop reason */
  close: group(TOLERANCE),
});

/** How an answer is compared with its golden transcript. */
export interface GoldenOptions extends OptionsOf<typeof GOLDEN_OPTIONS> {}

export type Tolerance = ResolvedOptionsOf<typeof TOLERANCE>;
