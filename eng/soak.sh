#!/usr/bin/env bash
# A day of two sensors, compressed into some five minutes, while the broker is stopped and killed and lines are unplugged.
#   bash eng/soak.sh             864,000 samples; prints what was lost, and memory by tenths of the run
# EDGELSTM_BINARY: the program; without it the published one of this machine, which is made where it is missing.
# EDGELSTM_FRAMEWORK: framework of that program (net9.0 unless set). Exit code 1 when a sample was lost or memory grew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 PATH=$PATH:/usr/sbin

if [[ $# -gt 0 ]]; then
    sed -n '2,5s/^# //p' "$0"
    exit 4
fi

rid=linux-$(uname -m | sed 's/x86_64/x64/;s/aarch64/arm64/;s/armv7l/arm/')
if [[ -z ${EDGELSTM_BINARY-} ]]; then
    EDGELSTM_BINARY=$PWD/artifacts/publish/$rid/edgelstm
    [[ -x $EDGELSTM_BINARY ]] || EDGELSTM_FRAMEWORK=${EDGELSTM_FRAMEWORK:-net9.0} bash eng/publish.sh "$rid"
fi
table=$(mktemp)
trap 'rm -f "$table"' EXIT
export EDGELSTM_BINARY EDGELSTM_FAULTS_TABLE=$table EDGELSTM_FAULTS=full

code=0
dotnet test tests/EdgeLstm.Faults -c Release --nologo -v quiet --logger "console;verbosity=minimal" \
    --filter FullyQualifiedName~SoakTests || code=1
echo
cat "$table"
echo
sed -n 's/.*\(memory by tenths [^;|]*MB\).*/\1/p' "$table"
exit $code
