// What the variants of the recurrent cells do with the sums of their gates, one operation at a time, over whole vectors.

namespace EdgeLstm.Core.Kernels;

/// <summary>Elementwise operations on the gates and the state of all units of a layer.</summary>
/// <remarks>
/// Every count is a whole number of vectors; what stands beyond the last unit is computed too, and nobody's. NaN stays NaN.
/// </remarks>
internal static unsafe class GateKernel
{
    /// <summary>sums += a ⊙ b.</summary>
    public static void AddProduct<TSimd, TVector>(float* a, float* b, float* sums, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (nint k = 0; k < count; k += TSimd.Lanes)
        {
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(a + k), TSimd.Load(b + k), TSimd.Load(sums + k)), sums + k);
        }
    }

    /// <summary>product = a ⊙ b; may be one of them.</summary>
    public static void Multiply<TSimd, TVector>(float* a, float* b, float* product, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (nint k = 0; k < count; k += TSimd.Lanes)
        {
            TSimd.Store(TSimd.Multiply(TSimd.Load(a + k), TSimd.Load(b + k)), product + k);
        }
    }

    /// <summary>Keeps every value within ±<paramref name="limit"/>.</summary>
    public static void Clip<TSimd, TVector>(float* values, float limit, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector high = TSimd.Broadcast(limit);
        TVector low = TSimd.Broadcast(-limit);
        for (nint k = 0; k < count; k += TSimd.Lanes)
        {
            TSimd.Store(TSimd.Max(low, TSimd.Min(high, TSimd.Load(values + k))), values + k);
        }
    }

    /// <summary>rest = 1 − values.</summary>
    public static void Complement<TSimd, TVector>(float* values, float* rest, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (nint k = 0; k < count; k += TSimd.Lanes)
        {
            TSimd.Store(TSimd.Subtract(TSimd.Broadcast(1f), TSimd.Load(values + k)), rest + k);
        }
    }

    /// <summary>mixed = a ⊙ b + c ⊙ d; may be any of them.</summary>
    public static void Mix<TSimd, TVector>(float* a, float* b, float* c, float* d, float* mixed, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (nint k = 0; k < count; k += TSimd.Lanes)
        {
            TVector second = TSimd.Multiply(TSimd.Load(c + k), TSimd.Load(d + k));
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(a + k), TSimd.Load(b + k), second), mixed + k);
        }
    }
}
