// The vector widths a kernel can be made for.

namespace EdgeLstm.Core.Kernels;

/// <summary>Width of the vectors a kernel computes with, in bits.</summary>
public enum VectorWidth
{
    /// <summary>Four floats: NEON, SSE; in software where neither is there.</summary>
    Bits128 = 128,

    /// <summary>Eight floats: AVX2.</summary>
    Bits256 = 256,

    /// <summary>Sixteen floats: AVX-512.</summary>
    Bits512 = 512,
}
