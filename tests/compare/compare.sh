#!/usr/bin/env bash
# Compares one step of edgelstm with ONNX Runtime and PyTorch on identical weights and inputs; prints Markdown in five minutes.
#   bash tests/compare/compare.sh [--readme] [--rounds N]
# --readme also puts the result in place of the README's section "Compared". Nothing else should run on the machine meanwhile.
# EDGELSTM_FRAMEWORK: framework of the ahead-of-time program (net9.0 unless set). Everything it makes: artifacts/compare.
# Exit codes: 0 done, whatever the figures; 1 when outputs disagree or something is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=eng/requirements.sh
source eng/requirements.sh

readonly folder=$PWD/artifacts/compare
export EDGELSTM_FRAMEWORK=${EDGELSTM_FRAMEWORK:-net9.0}
rid=linux-$(uname -m | sed 's/x86_64/x64/;s/aarch64/arm64/')
readonly rid

# The program for one instruction set, in a folder of its own.
publish() {
    bash eng/publish.sh "$rid" -p:EdgeLstmInstructionSet="$1" -p:EdgeLstmPackageDir="$folder/$1/" >"$folder/publish-$1.log" 2>&1 \
        || { cat "$folder/publish-$1.log" >&2; return 1; }
}

# onnxruntime-node from the user's own npm; its install script would only fetch what other hardware needs.
install_onnxruntime() {
    [[ -d $folder/node_modules/onnxruntime-node ]] && return 0
    npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-save onnxruntime-node >"$folder/npm.log" 2>&1 \
        && return 0
    cat "$folder/npm.log" >&2
    echo "onnxruntime-node could not be installed by npm; the comparison needs it" >&2
    return 1
}

# Debian's PyTorch multiplies with whatever BLAS is installed, and the reference one would be a handicap: OpenBLAS is unpacked
# beside it, so that nothing else on this machine computes differently afterwards.
unpack_openblas() {
    [[ -n $(find "$folder/openblas" -name libblas.so.3 2>/dev/null) ]] && return 0
    mkdir -p "$folder/openblas"
    (cd "$folder/openblas" && apt-get download -q libopenblas0-pthread && dpkg -x libopenblas0-pthread*.deb .) \
        >"$folder/openblas.log" 2>&1 && return 0
    cat "$folder/openblas.log" >&2
    echo "libopenblas0-pthread could not be downloaded by apt-get; without it PyTorch would be measured at a handicap" >&2
    return 1
}

mkdir -p "$folder"
{
    require_dotnet
    require python3-torch python3-onnx clang zlib1g-dev
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        echo "node and npm are missing; install Node.js 18 or later" >&2
        exit 1
    fi
    install_onnxruntime
    unpack_openblas
    publish native
    if [[ $rid == linux-x64 ]]; then publish x86-x64-v3; fi
} >&2

# Debian's own interpreter: python3-torch is a package of that one.
LD_LIBRARY_PATH=$(dirname "$(find "$folder/openblas" -name libblas.so.3)")
export LD_LIBRARY_PATH OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec /usr/bin/python3 tests/compare/compare.py --folder "$folder" "$@"
