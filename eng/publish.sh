#!/usr/bin/env bash
# Publishes the ahead-of-time program for one platform into artifacts/publish/RID; eng/Packaging.targets does the work.
#   bash eng/publish.sh [linux-arm64|linux-arm|linux-x64] [further arguments of dotnet publish]
# EDGELSTM_FRAMEWORK=net9.0 publishes for another framework than the default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rid=${1:-linux-arm64}
dotnet publish src/EdgeLstm.Worker -c Release -r "$rid" --nologo -v quiet \
    ${EDGELSTM_FRAMEWORK:+-p:EdgeLstmFramework=$EDGELSTM_FRAMEWORK} "${@:2}"
echo "artifacts/publish/$rid: $(stat -c %s "artifacts/publish/$rid/edgelstm") bytes of program; copy the folder to the machine, then: sudo bash install.sh"
