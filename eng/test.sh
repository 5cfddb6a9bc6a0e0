#!/usr/bin/env bash
# Builds, checks and tests everything on this machine; the last line counts what passed, failed and was skipped.
#   bash eng/test.sh
# Tests that are no xunit tests (formatting, publishing, the demo …) count as one each. Exit code 1 when anything failed.
# EDGELSTM_FRAMEWORK: framework of the ahead-of-time program (net9.0 unless set). Results of each run: artifacts/test-results.
# shellcheck disable=SC2317  # functions that check_function starts by name
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 4
# shellcheck source=eng/requirements.sh
source eng/requirements.sh

export EDGELSTM_FRAMEWORK=${EDGELSTM_FRAMEWORK:-net9.0}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 PATH=$PATH:/usr/sbin
rid=linux-$(uname -m | sed 's/x86_64/x64/;s/aarch64/arm64/;s/armv7l/arm/')
readonly rid
readonly package_dir=$PWD/artifacts/publish/$rid
readonly results=$PWD/artifacts/test-results
readonly size_limit_bytes=12000000 run_limit=15m
passed=0 failed=0 skipped=0 failures=()

finish() {
    ((${#failures[@]})) && printf '\nfailed: %s\n' "${failures[@]}"
    printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    exit $((failed > 0))
}

fail() {
    failed=$((failed + 1))
    failures+=("$1")
}

# One check that passes or fails: its name, then the command. What it printed is shown when it failed.
check() {
    local name=$1 output start=$SECONDS
    shift
    if output=$(timeout -k 10 $run_limit "$@" 2>&1 </dev/null); then
        passed=$((passed + 1))
        printf 'ok      %s (%d s)\n' "$name" $((SECONDS - start))
        return 0
    fi
    printf 'FAILED  %s (%d s)\n' "$name" $((SECONDS - start))
    awk 'NF && !seen[$0]++' <<<"$output" | tail -n 30 | cut -c1-300
    fail "$name"
    return 1
}

# A check that all the rest stands on.
check_or_finish() { check "$@" || finish; }

# Every failed test with the first lines of its message; where none failed by itself, what the host said last.
show_failures() {
    awk '/^  Failed / { lines = 0; failed = 1 } /Stack Trace:/ { failed = 0 } failed && lines++ < 12 && NF' "$1" | cut -c1-200 | head -n 80
    grep -q '^  Failed ' "$1" || grep -v '^ *at \|^$\|^  Skipped ' "$1" | tail -n 15 | cut -c1-200
}

# Why tests were skipped: each reason once, the most frequent first.
show_skips() {
    grep -A3 'outcome="NotExecuted"' "$1" | sed -n 's/.*<Message>\([^<]*\).*/\1/p' | sort | uniq -c | sort -rn | head -n 5 \
        | sed 's/^/        skipped /' | cut -c1-200
}

# One run of one test project: its name, then assignments of environment variables, then arguments of dotnet test.
run_tests() {
    local name=$1 project=$2 variables=() report start=$SECONDS code=0 total=0 good=0 bad=0
    shift 2
    while [[ ${1-} == *=* && $1 != -* ]]; do
        variables+=("$1")
        shift
    done
    report=$results/${name//[^A-Za-z0-9]/-}.trx
    # The variables reach the test host alone: the tool itself should not run without vector instructions.
    timeout -k 10 $run_limit dotnet test "tests/$project" -c Release --no-build --nologo -v quiet \
        "${variables[@]/#/--environment=}" --logger "trx;LogFileName=$report" --logger "console;verbosity=minimal" "$@" \
        >"${report%.trx}.log" 2>&1 </dev/null || code=$?

    # A project without a test leaves no report and is no failure; a host that dies has no failed test but a bad exit code.
    if [[ -e $report ]]; then
        read -r total good bad < <(sed -n \
            's/.*<Counters total="\([0-9]*\)" executed="[0-9]*" passed="\([0-9]*\)" failed="\([0-9]*\)".*/\1 \2 \3/p' "$report")
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    skipped=$((skipped + total - good - bad))
    last_total=$total last_skipped=$((total - good - bad))
    if ((bad || code)); then
        ((bad)) || failed=$((failed + 1))
        failures+=("$name")
        printf 'FAILED  %s: %d of %d passed, exit code %d (%d s)\n' "$name" "$good" "$total" "$code" $((SECONDS - start))
        show_failures "${report%.trx}.log"
        return 1
    fi
    printf 'ok      %s: %d passed, %d skipped (%d s)\n' "$name" "$good" "$last_skipped" $((SECONDS - start))
    ((last_skipped == 0)) || show_skips "$report"
}

# What the folder that goes to the Pi must hold.
package_is_complete() {
    local file left
    for file in edgelstm edgelstm.service edgelstm.example.json install.sh README.md LICENCES.txt firmware-configs models schemas; do
        [[ -e $package_dir/$file ]] || { echo "$package_dir/$file is missing"; return 1; }
    done
    left=$(find "$package_dir" -name '*.dbg' -o -name '*.pdb' -o -name '*.dll' -o -path '*/models/*.py')
    [[ -z $left ]] || { echo "does not belong there: $left"; return 1; }
}

program_is_small() {
    local bytes
    bytes=$(stat -c %s "$package_dir/edgelstm") && echo "$bytes bytes; at most $size_limit_bytes" && ((bytes <= size_limit_bytes))
}

# Installs twice into an empty folder: the second time the user's configuration stays as it is, a changed profile is kept aside.
installer_keeps_what_the_user_changed() {
    local root profile
    root=$(mktemp -d) || return 1
    # shellcheck disable=SC2064
    trap "rm -rf '$root'" RETURN
    DESTDIR=$root bash "$package_dir/install.sh" || return 1
    [[ -x $root/usr/local/bin/edgelstm && -f $root/etc/systemd/system/edgelstm.service ]] || { echo "not installed"; return 1; }
    echo '{}' >"$root/etc/edgelstm/edgelstm.json"
    profile=$(find "$root/etc/edgelstm/firmware-configs" "$root/etc/edgelstm/models" -type f | head -1)
    echo changed >"$profile"
    DESTDIR=$root bash "$package_dir/install.sh" || return 1
    [[ $(cat "$root/etc/edgelstm/edgelstm.json") == '{}' ]] || { echo "the configuration was overwritten"; return 1; }
    [[ $(cat "$profile.old") == changed ]] || { echo "$profile: the changed file was lost"; return 1; }
}

demo_shows_forecasts() {
    local output
    output=$(timeout -k 5 120 bash eng/demo.sh --seconds 8 2>&1) || { echo "$output"; return 1; }
    grep -qi forecast <<<"$output" || { echo "no forecast in: $output"; return 1; }
}

scripts_are_clean() {
    local scripts=(eng/*.sh models/*.sh eng/package/*.sh tests/arm64/*.sh .ci/run) script
    if command -v shellcheck >/dev/null; then
        shellcheck -x "${scripts[@]}"
    else
        for script in "${scripts[@]}"; do bash -n "$script" || return 1; done
    fi
}

# `timeout` starts programs, not functions of this script.
export -f package_is_complete program_is_small installer_keeps_what_the_user_changed demo_shows_forecasts scripts_are_clean
export package_dir size_limit_bytes
check_function() { check "$1" bash -c "${1// /_}"; }

rm -rf "$results" && mkdir -p "$results"
require_dotnet || { fail "the .NET SDK is installed"; finish; }
require mosquitto mosquitto-clients libmosquitto1 systemd openssl clang g++ zlib1g-dev libmodbus-dev || { fail "what the tests need is installed"; finish; }

check_or_finish "locked restore" dotnet restore EdgeLstm.sln --locked-mode
check_or_finish "build" dotnet build EdgeLstm.sln -c Release --no-restore --nologo -v quiet
check "formatting" dotnet format EdgeLstm.sln --verify-no-changes --no-restore
check_function "scripts are clean"
check_or_finish "ahead-of-time program for $rid" bash eng/publish.sh "$rid"
check_function "program is small"
check_function "package is complete"
check_function "installer keeps what the user changed"

export EDGELSTM_BINARY=$package_dir/edgelstm
for project in tests/*.Tests; do
    project=${project#tests/}
    # The width test belongs to the runs below, which ask for a width.
    run_tests "$project" "$project" --filter 'FullyQualifiedName!~InstructionSetTests'
    if [[ $project == *.EndToEnd.Tests && $last_total -gt 0 && $last_skipped -eq $last_total ]]; then
        echo "FAILED  end-to-end tests ran with the published program: all were skipped"
        fail "end-to-end tests ran with the published program"
    fi
done

# What breaks on purpose: short counts here, the full ones by eng/faults.sh.
run_tests EdgeLstm.Faults EdgeLstm.Faults

# The kernels once more at every vector width that the runtime can be told to use; the first run had the widest.
narrowed() {
    run_tests "vectors of $1 bits are in force" EdgeLstm.Architecture.Tests "EDGELSTM_VECTOR_BITS=$1" "$2" \
        --filter 'FullyQualifiedName~InstructionSetTests'
    run_tests "EdgeLstm.Core.Tests with $2" EdgeLstm.Core.Tests "$2"
}
if grep -qw avx512f /proc/cpuinfo; then narrowed 256 DOTNET_EnableAVX512=0; fi
if grep -qw avx2 /proc/cpuinfo; then narrowed 128 DOTNET_EnableAVX2=0; fi
narrowed 0 DOTNET_EnableHWIntrinsic=0

# The ARM64 program's kernels on an emulated processor; on ARM64 itself the runs above had the real one.
if [[ $rid == linux-x64 ]]; then
    check "kernels on emulated ARM64 agree with the textbook" bash tests/arm64/run.sh
    check "inner loops on ARM64 stay near the core's limit" bash tests/arm64/predict.sh --loops
fi

check_function "demo shows forecasts"
finish
