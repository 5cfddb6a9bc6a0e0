# shellcheck shell=bash
# Compiles the kernels for ARM64 and links them with the harness. Sourced by run.sh and predict.sh from the repository's root.
#   build_kernels    makes artifacts/arm64/{neon,dotprod}.o and a program of each, harness-neon and harness-dotprod

readonly arm64=$PWD/artifacts/arm64

build_kernels() {
    local set
    mkdir -p "$arm64"
    # The compiler's package of .NET 9 brings the framework it compiles against; that of .NET 10 leaves it to another package.
    dotnet build tests/EdgeLstm.Arm64 -t:CompileForArm64 -c Release --nologo -v quiet \
        -p:EdgeLstmFramework=net9.0 -p:CompileForArm64=true -p:ArmObjectDir="$arm64/" >"$arm64/build.log" 2>&1 \
        || { cat "$arm64/build.log"; return 1; }
    for set in neon dotprod; do
        # An entry point is a global symbol of small letters that ends in a precision.
        aarch64-linux-gnu-nm "$arm64/$set.o" \
            | sed -nE 's/^[0-9a-f]+ T ([a-z0-9_]+_(float32|bfloat16|int8))$/KERNEL(\1)/p' >"$arm64/entry_points.inc"
        # The runtime that the rest of the object calls is absent: what no kernel reaches is dropped, or stays unresolved.
        aarch64-linux-gnu-gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -I "$arm64" tests/arm64/harness.c "$arm64/$set.o" \
            -Wl,--gc-sections -Wl,--unresolved-symbols=ignore-all -lm -o "$arm64/harness-$set" || return 1
    done
}

# The assembly just compiled, which is also the program that writes the cases.
kernels_assembly() {
    dotnet msbuild tests/EdgeLstm.Arm64 -p:Configuration=Release -p:EdgeLstmFramework=net9.0 -p:CompileForArm64=true \
        -getProperty:TargetPath
}
