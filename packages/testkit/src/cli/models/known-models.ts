import { TestModel } from "../../models/index.js";

/** The download address of a model file, with its expected size and hash. */
export interface ModelSource {
  readonly url: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A model with a name that tests can use. */
export interface KnownModel {
  readonly name: string;
  readonly description: string;
  /** None for a model that is generated on this machine. */
  readonly source: ModelSource | undefined;
  /** The model with its path, whether or not its file exists. */
  locate(): Promise<TestModel>;
}

/** The publisher's Q4_K_M; the revision in the address is fixed, so size and hash cannot change. */
const QWEN_SOURCE: ModelSource = {
  url: "https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct-GGUF/resolve/9217f5db79a29953eb74d5343926648285ec7e67/qwen2.5-0.5b-instruct-q4_k_m.gguf",
  sizeBytes: 491_400_032,
  sha256: "74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db",
};

/** Every known model, in the order of `models list`. */
export const KNOWN_MODELS: readonly KnownModel[] = [
  {
    name: "qwen2.5-0.5b-instruct-q4_k_m",
    description: "the reference model: small, real answers, Apache-2.0",
    source: QWEN_SOURCE,
    locate: () => Promise.resolve(TestModel.qwen2_5_0_5b()),
  },
  {
    name: "synthetic",
    description: "tiny, random weights, gibberish; generated on this machine on first use",
    source: undefined,
    locate: () => TestModel.synthetic(),
  },
];
