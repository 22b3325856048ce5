import type { ErrorReportOptions } from "../report-error.js";

/** Options of `profile`, as commander passes them. */
export interface ProfileFlags extends ErrorReportOptions {
  readonly command?: string;
  readonly url?: string;
  readonly model?: string;
  readonly gpuDevice: number;
  readonly stub?: boolean;
  readonly stubConfig?: string;
  readonly parallel?: number;
  readonly shutdownExitCodes?: readonly number[];
  readonly checkPortOwner: boolean;
  readonly rate?: number;
  readonly concurrency?: number;
  readonly profile?: string;
  readonly duration?: number;
  readonly requests?: number;
  readonly warmup?: { readonly count: number } | { readonly durationMs: number };
  readonly prompt: string;
  readonly maxTokens: number;
  readonly clientThreads: number;
  readonly seed: bigint;
  readonly limits?: string;
  readonly baseline?: string;
  readonly tolerance: number;
  readonly memory: boolean;
  readonly title?: string;
  readonly out?: string;
}

/** Options of `compare`. */
export interface CompareFlags extends ErrorReportOptions {
  readonly tolerance: number;
  readonly allow?: string;
}
