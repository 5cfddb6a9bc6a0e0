// Which vector instructions this build uses on this CPU.

using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Worker.Health;

/// <summary>Names the instruction set of the kernels for logs, health and benchmarks.</summary>
internal static class InstructionSet
{
    /// <summary>For example "AVX-512 (512-bit)", "AVX2 with FMA (256-bit)", "NEON (128-bit)".</summary>
    public static string Name { get; } = $"{Instructions()} ({(int)VectorWidths.Best}-bit)";

    private static string Instructions() => VectorWidths.Best switch
    {
        VectorWidth.Bits512 => "AVX-512",
        VectorWidth.Bits256 => Fma.IsSupported ? "AVX2 with FMA" : "AVX2",
        _ when AdvSimd.IsSupported => "NEON",
        _ when Sse41.IsSupported => "SSE4.1",
        _ when Sse2.IsSupported => "SSE2",
        _ => "no vector unit",
    };
}
