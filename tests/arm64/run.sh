#!/usr/bin/env bash
# Checks every kernel on emulated ARM64 against a textbook in double precision.
#   bash tests/arm64/run.sh
# The ahead-of-time compiler that makes the program for the Raspberry Pi compiles the kernels (tests/EdgeLstm.Arm64), a small C
# program runs them over case files under QEMU: as a Cortex-A72 (Raspberry Pi 4, no SDOT) and as a Cortex-A76 (Pi 5, SDOT). Exit
# code 1 when a case fails, and when a case that must fail passes. Needs an x64 machine; on ARM64 the other tests do this anyway.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 4
# shellcheck source=eng/requirements.sh
source eng/requirements.sh
# shellcheck source=tests/arm64/build.sh
source tests/arm64/build.sh

run() { qemu-aarch64-static -cpu "$1" "$arm64/harness-$2" "${@:3}"; }

# One run over all cases; the lines of single cases stay in a file, failures and sums are shown. Its outputs must be those of the
# run before, bit for bit: processors differ in instructions (SDOT or not), never in results.
run_all() {
    local report=$arm64/$2-on-$1.txt code=0 kernel
    run "$1" "$2" "$arm64"/cases/*.case >"$report" || code=$?
    echo "$2 on $1:"
    if [[ -z ${before-} ]]; then sed '/^ok /d; s/^/  /' "$report"; else sed '/^FAILED /!{$!d}; s/^/  /' "$report"; fi
    while read -r kernel; do
        grep -q "^$kernel: " "$report" || { echo "  FAILED $kernel: no case calls it"; failed=1; }
    done < <(sed -n 's/^KERNEL(\(.*\))$/\1/p' "$arm64/entry_points.inc")
    if [[ -n ${before-} ]] && ! diff <(sed '$d' "$before") <(sed '$d' "$report"); then
        echo "  FAILED: not the same results as in $before"
        failed=1
    fi
    ((code == 0)) || { echo "  exit code $code; $report"; failed=1; }
    before=$report
}

must_fail() {
    if run cortex-a72 neon "$1"; then
        echo "FAILED  $1 passed; it must not"
        failed=1
    fi
}

require gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static || exit 4
build_kernels || exit 1
rm -rf "$arm64/cases" "$arm64/must-fail" && mkdir -p "$arm64/cases" "$arm64/must-fail"
dotnet "$(kernels_assembly)" --reference "$arm64/cases" "$arm64/must-fail/wrong.case" || exit 1

# One bit in the middle of a file of weights.
cp "$arm64/cases/lstm_float32-5x17.case" "$arm64/must-fail/corrupted.case"
middle=$(($(stat -c %s "$arm64/must-fail/corrupted.case") / 2))
byte=$(od -An -tu1 -j $middle -N1 "$arm64/must-fail/corrupted.case")
# shellcheck disable=SC2059  # the byte is the format
printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$arm64/must-fail/corrupted.case" bs=1 seek=$middle conv=notrunc status=none

failed=0
# Arithmetic on vectors must stand within the kernels: where the compiler's limit of inlining is reached, it turns into calls.
if aarch64-linux-gnu-nm "$arm64/neon.o" | grep -E ' T [A-Za-z0-9_]*_Kernels_(Simd128|VectorMath|Int8_Int8Dot[A-Za-z]*)__'; then
    echo "FAILED  the methods above are called, not inlined"
    failed=1
fi
run_all cortex-a72 neon
run_all cortex-a76 neon
run_all cortex-a76 dotprod
echo "must fail:"
for file in "$arm64"/must-fail/*.case; do must_fail "$file"; done
exit $failed
