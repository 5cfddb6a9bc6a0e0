// Which vector widths this process can use.

using System.Runtime.Intrinsics;

namespace EdgeLstm.Core.Kernels;

/// <summary>Answers which vector widths this process can use.</summary>
/// <remarks>An ahead-of-time binary answers for the instruction set it was published for, not for the processor.</remarks>
public static class VectorWidths
{
    /// <summary>The widest width with hardware behind it; <see cref="VectorWidth.Bits128"/> where there is none.</summary>
    public static VectorWidth Best =>
        IsSupported(VectorWidth.Bits512) ? VectorWidth.Bits512
        : IsSupported(VectorWidth.Bits256) ? VectorWidth.Bits256
        : VectorWidth.Bits128;

    /// <summary>Every width a layer can be created with, narrowest first.</summary>
    public static IReadOnlyList<VectorWidth> Supported { get; } = Array.FindAll(Enum.GetValues<VectorWidth>(), IsSupported);

    /// <summary>True when layers can be created with that width; with 128 bits always, in software at worst.</summary>
    public static bool IsSupported(VectorWidth width) => width switch
    {
        VectorWidth.Bits128 => true,
        VectorWidth.Bits256 => Vector256.IsHardwareAccelerated,
        VectorWidth.Bits512 => Vector512.IsHardwareAccelerated,
        _ => false,
    };

    /// <summary>The widths in bits, for messages.</summary>
    public static string SupportedNames { get; } =
        string.Join(", ", Array.ConvertAll([.. Supported], width => $"{(int)width}"));

    /// <summary>The exception for a width that <see cref="IsSupported"/> denies.</summary>
    internal static ArgumentException Unsupported(VectorWidth width) => new(
        $"vector width {(int)width} is not available in this process; "
        + $"available: {SupportedNames}.",
        nameof(width));
}
