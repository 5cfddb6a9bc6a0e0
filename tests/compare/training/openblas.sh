#!/usr/bin/env bash
# Prints the folder of an OpenBLAS for Debian's PyTorch, which multiplies with whatever BLAS is installed: the reference one would
# be a handicap. It is unpacked into artifacts/compare, so that nothing else on this machine computes differently afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
readonly folder=$PWD/artifacts/compare/openblas

if [[ -z $(find "$folder" -name libblas.so.3 2>/dev/null) ]]; then
    mkdir -p "$folder"
    (cd "$folder" && apt-get download -q libopenblas0-pthread && dpkg -x libopenblas0-pthread*.deb .) >&2
fi
dirname "$(find "$folder" -name libblas.so.3)"
