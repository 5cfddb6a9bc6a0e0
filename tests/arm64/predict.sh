#!/usr/bin/env bash
# Predicts what the kernels cost on a Raspberry Pi 4 and 5: LLVM's models of the cores applied to the compiled ARM64 code.
#   bash tests/arm64/predict.sh [--loops]
# First, and with --loops only, every inner loop with the limits of its core: the cycles that its weight loads alone and its
# arithmetic alone would take. Then whole steps by size: the instructions that one step really runs, recorded under QEMU. All data
# is taken to be in the first-level cache. Exit code 1 when a loop with float32 weights for one stream needs more than 1.3 times
# the greater limit. Predictions, not measurements.
#
# LLVM has no model of its own for either core. Its cortex-a72 is the model of the A57, of which the A72 is the successor in the
# same line; for the Cortex-A76 the model of the Neoverse N1 serves, the same core made for servers.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 4
# shellcheck source=eng/requirements.sh
source eng/requirements.sh
# shellcheck source=tests/arm64/build.sh
source tests/arm64/build.sh

readonly cores=(cortex-a72 neoverse-n1) ratio_limit=1.3 llvm=19
readonly program=$arm64/harness-neon listing=$arm64/listing.txt work=$arm64/predict
# What a loop is there for; where weights are narrow, widening them too.
readonly multiply_adds='^(fmla|fmls|sdot|smlal2?|smull2?|sadalp|mla)$' widenings='^(shl|shll2?|ushll2?|sshll2?|sxtl2?|uxtl2?|and|bic|scvtf)$'

# llvm-mca on the instructions of standard input: core $1, $2 rounds, further arguments.
model() {
    llvm-mca-$llvm -mtriple=aarch64 -mcpu="$1" -mattr=+dotprod -iterations="$2" -all-views=false "${@:3}" 2>"$work/mca.log" \
        || { cat "$work/mca.log" >&2; return 1; }
}

# Cycles that $2 rounds of the instructions take on core $1, waiting for each other's results.
cycles() { model "$1" "$2" -summary-view | awk '/^Total Cycles:/ { print $3 }'; }

# Cycles for which one round of the instructions keeps the busiest unit of core $1 busy, whatever it waits for.
busy_cycles() {
    model "$1" 1000 -resource-pressure | awk '
        /^Resource pressure per iteration/ {
            getline
            getline
            for (i = 1; i <= NF; i++) if ($i > most) most = $i
            print most + 0
            exit
        }'
}

# Every kernel's instructions: name, address, mnemonic, operands; targets of branches and constants are cut down to addresses.
list_kernels() {
    aarch64-linux-gnu-objdump -d --no-show-raw-insn "$program" | awk -F'\t' -v OFS='\t' '
        /^[0-9a-f]+ <.*>:$/ {
            name = ""
            if (match($0, /_Kernels_[A-Za-z0-9]+Kernel__Step[A-Za-z0-9]*</)) {
                name = substr($0, RSTART + 9, RLENGTH - 10)
                sub(/__/, ".", name)
                name = name (/BFloat16Weights/ ? " bfloat16" : /Int8DotSdot/ ? " SDOT" : name ~ /Int8/ ? "" : " float32")
            }
            # The products of all 8-bit kernels stand in a method of their own, compiled for each kind of gates.
            if (/_Int8Gates__Sum</ && match($0, /[A-Za-z0-9]+Gates?>/)) {
                name = "Int8Gates.Sum " substr($0, RSTART, RLENGTH - 1) (/Int8DotSdot/ ? " SDOT" : "")
            }
            next
        }
        name && $2 && $2 !~ /^\./ {
            gsub(/[ :]/, "", $1)
            sub(/ *(\/\/|<).*/, "", $3)
            print name, $1, $2, $3
        }
    ' >"$listing"
}

# The innermost loops that multiply and add, out of the listing: name, first address, branch address. A loop is a backward branch.
find_loops() {
    awk -F'\t' -v OFS='\t' -v wanted="$multiply_adds" '
        { kernel[NR] = $1; address[NR] = $2; mnemonic[NR] = $3; row[$2] = NR }
        $3 ~ /^(b|cbn?z|tbn?z|b\.[a-z]+)$/ { n = split($4, operand, /, */); target[NR] = operand[n] }
        function back(i) { return i in target && target[i] in row && row[target[i]] <= i ? row[target[i]] : 0 }
        END {
            for (end = 1; end <= NR; end++) {
                if (!(start = back(end))) continue
                sums = 0
                for (i = start; i <= end; i++) {
                    # A loop within, or a division, which only activations have.
                    if (i < end && back(i) >= start || mnemonic[i] == "fdiv") { sums = 0; break }
                    sums += mnemonic[i] ~ wanted
                }
                if (sums) print kernel[end], address[start], address[end]
            }
        }' "$listing"
}

# Instructions as llvm-mca takes them: addresses of branches and constants become ".", whatever they were.
as_assembly() {
    awk -F'\t' '{
        if ($3 ~ /^(b|cbn?z|tbn?z|b\.[a-z]+|bl|adrp?)$/ || ($3 == "ldr" && $4 !~ /\[/)) sub(/[0-9a-f]+$/, ".", $4)
        print $3 "\t" $4
    }'
}

# Of a loop, the loads of weights: those of whole vectors, unless the next use is of one element: then it is values of x or h.
weight_loads() {
    awk -F'\t' '
        function number(text) { return match(text, /[0-9]+/) ? substr(text, RSTART, RLENGTH) : "" }
        # Whether the next use of vector register r from line i on, or of a copy made there, is of one element.
        function is_value(r, i) {
            while (i <= NR && operands[i] !~ "[vq]" r "([^0-9]|$)") i++
            return mnemonic[i] == "mov" ? is_value(number(operands[i]), i + 1) : operands[i] ~ "v" r "\\.[0-9]*[bhsd]\\["
        }
        { line[NR] = $0; mnemonic[NR] = $3; operands[NR] = $4 }
        END {
            for (i = 1; i <= NR; i++)
                if (mnemonic[i] ~ /^(ldr|ldp|ldur|ld1)$/ && operands[i] ~ /^[{ ]*[qv][0-9]/)
                    if (!is_value(number(operands[i]), i + 1)) print line[i]
        }'
}

# One line for each core and inner loop. Leaves in $work/limits the greater limit of each loop, by core and branch address.
print_loops() {
    local kernel first last core whole loads arithmetic wanted line over=0
    local -A shown
    printf '\n%-42s %-12s %7s %7s %7s %7s   %s\n' 'inner loop' 'core' 'cycles' 'loads' 'arith.' 'ratio' 'predicted, per round'
    : >"$work/limits"
    while IFS=$'\t' read -r kernel first last; do
        awk -F'\t' -v kernel="$kernel" -v first="$first" -v last="$last" \
            '$1 == kernel && $2 == first { on = 1 } on; $1 == kernel && $2 == last { on = 0 }' "$listing" >"$work/loop"
        weight_loads <"$work/loop" >"$work/loads"
        [[ -s $work/loads ]] || continue
        wanted=$multiply_adds
        [[ $kernel == *float32 && $kernel != *bfloat16 ]] || wanted="($multiply_adds|$widenings)"
        for core in "${cores[@]}"; do
            [[ $core != cortex-a72 ]] || ! grep -q $'\tsdot\t' "$work/loop" || continue
            whole=$(as_assembly <"$work/loop" | cycles "$core" 1000) || return 1
            loads=$(as_assembly <"$work/loads" | busy_cycles "$core") || return 1
            arithmetic=$(awk -F'\t' -v wanted="$wanted" '$3 ~ wanted' "$work/loop" \
                | as_assembly | busy_cycles "$core") || return 1
            line=$(awk -v kernel="$kernel" -v core="$core" -v last="$last" -v rounds="$whole" \
                -v loads="$loads" -v arithmetic="$arithmetic" -v allowed=$ratio_limit -v limits="$work/limits" 'BEGIN {
                    whole = rounds / 1000
                    greater = loads > arithmetic ? loads : arithmetic
                    print core "\t" last "\t" greater >>limits
                    above = whole > allowed * greater
                    isHeld = kernel ~ / float32$/ && kernel !~ /Tile/
                    printf "%-42s %-12s %7.1f %7.1f %7.1f %7.2f%s\n", kernel, core, whole, loads, arithmetic, whole / greater,
                        !above ? "" : isHeld ? "   FAILED: above " allowed : "   above " allowed
                    exit above && isHeld
                }') || over=1
            # The loops over x and over h are often the same instructions twice.
            [[ -n ${shown[$line]-} ]] || echo "$line"
            shown[$line]=1
        done
    done < <(find_loops)
    return $over
}

# The instructions that the last step of case $1 runs within the kernels on processor $2, as lines of the listing.
record_step() {
    local first last
    first=$(head -1 "$listing" | cut -f2)
    last=$(tail -1 "$listing" | cut -f2)
    qemu-aarch64-static -cpu "$2" -singlestep -d exec,nochain -dfilter "0x$first..0x$last" -D "$work/trace" \
        "$program" "$1" >"$work/run.log" || return 1
    # A step begins where the harness enters the kernel: at the address recorded first.
    awk -F'\t' '
        NR == FNR { line[$2] = $0; next }
        { split($0, part, "/"); pc = part[2]; sub(/^0+/, "", pc) }
        FNR == 1 { entry = pc }
        pc == entry { n = 0 }
        pc in line { step[++n] = line[pc] }
        END { for (i = 1; i <= n; i++) print step[i] }' "$listing" "$work/trace" >"$work/step"
}

# Whole steps: cycles, then the limit of their inner loops, for each core.
print_steps() {
    local file name core
    printf '\n%-28s' 'whole step, cycles (limit)'
    printf ' %22s' "${cores[@]}"
    printf '\n'
    while read -r file; do
        name=$(basename "$file" .case)
        printf '%-28s' "$name"
        for core in "${cores[@]}"; do
            # Neoverse N1 and Cortex-A76 have SDOT, the Cortex-A72 has not: 8-bit kernels run other instructions there.
            record_step "$file" "$core" || { cat "$work/run.log"; return 1; }
            as_assembly <"$work/step" | cycles "$core" 1 >"$work/cycles" || return 1
            awk -F'\t' -v core="$core" -v whole="$(<"$work/cycles")" '
                NR == FNR { if ($1 == core) limit[$2] = $3; next }
                { sum += limit[$2] }
                END { printf " %12d (%7d)", whole, sum }' "$work/limits" "$work/step"
        done
        printf '\n'
    done < <(printf '%s\n' "$arm64"/sizes/*.case | sort -V)
}

require gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static llvm-$llvm || exit 4
build_kernels || exit 1
rm -rf "$work" "$arm64/sizes" && mkdir -p "$work" "$arm64/sizes"
dotnet "$(kernels_assembly)" --sizes "$arm64/sizes" || exit 1
list_kernels
code=0
print_loops || code=1
[[ ${1-} == --loops ]] || print_steps || code=1
exit $code
