import type { MistakeRequest, User } from "./users.js";

/** One mistake of the author of an inference server. */
export interface Mistake {
  /** As the program takes it: `--mistake <id>`. */
  readonly id: string;
  /** What the server does, as a sentence without a period. */
  readonly wrong: string;
  /** What the test of the user does. */
  readonly user: User;
  /** Code of an error or a finding, or status of a job, that the user gets. Absent if there is none. */
  readonly found?: string;
  /** Why an ordinary test cannot find it, and what does. */
  readonly notFindable?: string;
  /** Fields of the request. */
  readonly request?: MistakeRequest;
  /** Options of the start, as JSON. */
  readonly start?: Readonly<Record<string, unknown>>;
  /** The program, if it is not the one in Node. */
  readonly language?: "python" | "go";
}

/** The mistakes of one area. */
export interface MistakeArea {
  readonly title: string;
  readonly mistakes: readonly Mistake[];
}
