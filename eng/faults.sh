#!/usr/bin/env bash
# Breaks what can break around the program (broker, connection, disk, clock, the program itself) and prints what was lost.
#   bash eng/faults.sh           a few times each, about a minute and a half
#   bash eng/faults.sh --full    as often as promised, half an hour or more; writes tests/EdgeLstm.Faults/RESULTS.md
# EDGELSTM_BINARY: the program; without it the published one of this machine, which is made where it is missing.
# EDGELSTM_FRAMEWORK: framework of that program (net9.0 unless set). Exit code 1 when a test failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 PATH=$PATH:/usr/sbin

usage() {
    sed -n '2,6s/^# //p' "$0"
    exit 4
}

full=false
case ${1-} in
    '') ;;
    --full) full=true ;;
    *) usage ;;
esac

rid=linux-$(uname -m | sed 's/x86_64/x64/;s/aarch64/arm64/;s/armv7l/arm/')
if [[ -z ${EDGELSTM_BINARY-} ]]; then
    EDGELSTM_BINARY=$PWD/artifacts/publish/$rid/edgelstm
    [[ -x $EDGELSTM_BINARY ]] || EDGELSTM_FRAMEWORK=${EDGELSTM_FRAMEWORK:-net9.0} bash eng/publish.sh "$rid"
fi
table=$(mktemp)
trap 'rm -f "$table"' EXIT
export EDGELSTM_BINARY EDGELSTM_FAULTS_TABLE=$table EDGELSTM_FAULTS=short
limits=()
if $full; then
    EDGELSTM_FAULTS=full
    limits=(-- xUnit.MaxParallelThreads=1)
fi

code=0
dotnet test tests/EdgeLstm.Faults -c Release --nologo -v quiet --logger "console;verbosity=minimal" "${limits[@]}" || code=1
echo
cat "$table"
$full || exit $code

# What is installed of a library, by its version.
version_of() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo unknown; }

{
    echo "# The fault tests at full counts"
    echo
    echo "Made by \`bash eng/faults.sh --full\`. A record counts as lost when it was handed over to the program and never arrived;"
    echo "a duplicate is one that arrived again, which (boot, seq) tells."
    echo
    echo "- Date: $(date -u '+%Y-%m-%d %H:%M UTC')"
    echo "- Machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores," \
        "$(awk '/MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo), Linux $(uname -r)"
    echo "- Program: edgelstm $("$EDGELSTM_BINARY" --version | sed 's/+\(.\{9\}\).*/, commit \1/')"
    echo "- Broker: $(mosquitto -h 2>/dev/null | head -1); libmosquitto1 $(version_of libmosquitto1)," \
        "libsqlite3-0 $(version_of libsqlite3-0)"
    echo
    cat "$table"
} >tests/EdgeLstm.Faults/RESULTS.md
echo
echo "written to tests/EdgeLstm.Faults/RESULTS.md"
exit $code
