// What a C program hands to a kernel for one step; the same structure stands in tests/arm64/harness.c.

using System.Runtime.InteropServices;

namespace EdgeLstm.Arm64;

/// <summary>One layer as memory: packed weights, two buffers of step values that change places, state, room.</summary>
/// <remarks>All buffers hold as many streams, <see cref="Stride"/> floats apart.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StepArguments
{
    /// <summary>Panels of the only or the first pass.</summary>
    public float* Weights;

    /// <summary>Panels of the second pass; null where there is none.</summary>
    public float* SecondWeights;

    /// <summary>x and h in the order of a ColumnLayout; x is in place.</summary>
    public float* Current;

    /// <summary>Receives h' in the place of h; a dense layer's y lies there too.</summary>
    public float* Next;

    /// <summary>Cell state, whole vectors.</summary>
    public float* Cell;

    /// <summary>A third buffer like <see cref="Current"/>, with x in place.</summary>
    public float* Reset;

    /// <summary>As many bytes as a buffer has.</summary>
    public byte* Scratch;

    public nint Streams;
    public nint Stride;
    public nint Groups;

    /// <summary>Floats from a panel of <see cref="Weights"/> to the next.</summary>
    public nint PanelLength;

    /// <summary>Floats from a panel of <see cref="SecondWeights"/> to the next.</summary>
    public nint SecondPanelLength;
    public nint First;
    public nint InputColumns;
    public nint HiddenColumns;
    public nint InputStart;
    public nint HiddenStart;
    public nint InputSize;
    public nint OutputSize;
}
