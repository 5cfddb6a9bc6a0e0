// Gate sums of several streams at once: each vector of weights is loaded once and used for every stream of a tile.
//
//   sums of a stream:  [pass 0: gates] [pass 1: gates] …        pass p: columns p, p + passes, p + 2·passes, …

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>The sums of one panel for a tile of streams, in exactly the order of additions of the step for one stream.</summary>
/// <remarks>
/// The step for one stream keeps several sums per gate at once to hide the latency of the multiply-add. Here the streams do that,
/// and each of those sums is a pass of its own: all registers hold different streams, and every result is the same to the last
/// bit.
/// </remarks>
internal static unsafe class StreamTile
{
    /// <summary>Most streams of a tile.</summary>
    public const int MaxStreams = 4;

    /// <summary>Floats of room for the sums: <see cref="MaxStreams"/> streams of 16 vectors (gates times passes) at
    /// most.</summary>
    public const int ScratchLength = MaxStreams * 16 * 16;

    /// <summary>Computes the sums.</summary>
    /// <param name="bias">First sums: a vector for each gate, then, with <paramref name="isLastApart"/>, the other for the
    /// last.</param>
    /// <param name="weights">The panel's weights.</param>
    /// <param name="gates">Gates, 1 to 4; a constant where it is called.</param>
    /// <param name="passes">Sums of each gate, even; a constant where it is called.</param>
    /// <param name="inputColumns">Columns of the first part, a multiple of <paramref name="passes"/>.</param>
    /// <param name="hiddenColumns">Columns of the second part, likewise; 0 where there is but one.</param>
    /// <param name="isLastApart">Whether the last gate's sum over the second part begins anew, the first one standing
    /// behind.</param>
    /// <param name="columns">Columns of the first stream.</param>
    /// <param name="stride">Floats from stream to stream.</param>
    /// <param name="sums">Receives <see cref="VectorsPerStream"/> vectors for each stream.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum<TSimd, TVector, TWeights>(
        float* bias,
        float* weights,
        int gates,
        int passes,
        nint inputColumns,
        nint hiddenColumns,
        bool isLastApart,
        float* columns,
        nint stride,
        float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint passLength = (isLastApart ? gates + 1 : gates) * TSimd.Lanes;
        for (nint pass = 0; pass < passes; pass += 2)
        {
            float* w = weights + (pass / 2 * TWeights.PairLength(gates));
            float* first = pass == 0 ? bias : null;
            Walk<TSimd, TVector, TWeights>(
                first, w, false, gates, passes, inputColumns, hiddenColumns, isLastApart, columns + pass, stride, sums);
            Walk<TSimd, TVector, TWeights>(
                null,
                w,
                true,
                gates,
                passes,
                inputColumns,
                hiddenColumns,
                isLastApart,
                columns + pass + 1,
                stride,
                sums + passLength);
            sums += 2 * passLength;
        }
    }

    /// <summary>Vectors of sums that each stream has.</summary>
    public static int VectorsPerStream(int gates, int passes, bool isLastApart) => passes * (isLastApart ? gates + 1 : gates);

    /// <summary>The passes of one gate, added as the step for one stream adds them.</summary>
    /// <param name="sum">The gate's first pass.</param>
    /// <param name="passes">2, 4 or 8; a constant where it is called.</param>
    /// <param name="passLength">Floats from pass to pass.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Total<TSimd, TVector>(float* sum, int passes, nint passLength)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        if (passes == 2)
        {
            return TSimd.Add(TSimd.Load(sum), TSimd.Load(sum + passLength));
        }

        TVector four = TotalOfFour<TSimd, TVector>(sum, passLength);
        return passes == 4
            ? four
            : TSimd.Add(four, TotalOfFour<TSimd, TVector>(sum + (4 * passLength), passLength));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector TotalOfFour<TSimd, TVector>(float* sum, nint passLength)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        WeightedSum.Total<TSimd, TVector>(
            TSimd.Load(sum),
            TSimd.Load(sum + passLength),
            TSimd.Load(sum + (2 * passLength)),
            TSimd.Load(sum + (3 * passLength)));

    // One pass. a, b, c, d are the gates, 0 to 3 the streams.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Walk<TSimd, TVector, TWeights>(
        float* bias,
        float* w,
        bool isOdd,
        int gates,
        int passes,
        nint inputColumns,
        nint hiddenColumns,
        bool isLastApart,
        float* columns,
        nint stride,
        float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint lanes = TSimd.Lanes;
        nint step = passes / 2 * TWeights.PairLength(gates);
        nint perStream = VectorsPerStream(gates, passes, isLastApart) * lanes;
        TVector a0 = bias == null ? TSimd.Zero : TSimd.Load(bias);
        TVector b0 = bias == null || gates < 2 ? TSimd.Zero : TSimd.Load(bias + lanes);
        TVector c0 = bias == null || gates < 3 ? TSimd.Zero : TSimd.Load(bias + (2 * lanes));
        TVector d0 = bias == null || gates < 4 ? TSimd.Zero : TSimd.Load(bias + (3 * lanes));
        TVector a1 = a0, b1 = b0, c1 = c0, d1 = d0;
        TVector a2 = a0, b2 = b0, c2 = c0, d2 = d0;
        TVector a3 = a0, b3 = b0, c3 = c0, d3 = d0;

        float* z0 = columns;
        float* z1 = columns + stride;
        float* z2 = columns + (2 * stride);
        float* z3 = columns + (3 * stride);
        nint k = 0;
        nint end = inputColumns;
        while (true)
        {
            for (; k < end; k += passes)
            {
                TVector wa = isOdd ? TWeights.Odd(w, gates) : TWeights.Even(w);
                TVector wb = gates < 2 ? wa : isOdd ? TWeights.Odd(w + lanes, gates) : TWeights.Even(w + lanes);
                TVector wc = gates < 3 ? wa : isOdd ? TWeights.Odd(w + (2 * lanes), gates) : TWeights.Even(w + (2 * lanes));
                TVector wd = gates < 4 ? wa : isOdd ? TWeights.Odd(w + (3 * lanes), gates) : TWeights.Even(w + (3 * lanes));
                Add<TSimd, TVector>(gates, z0[k], wa, wb, wc, wd, ref a0, ref b0, ref c0, ref d0);
                Add<TSimd, TVector>(gates, z1[k], wa, wb, wc, wd, ref a1, ref b1, ref c1, ref d1);
                if (TSimd.TileStreams > 2)
                {
                    Add<TSimd, TVector>(gates, z2[k], wa, wb, wc, wd, ref a2, ref b2, ref c2, ref d2);
                    Add<TSimd, TVector>(gates, z3[k], wa, wb, wc, wd, ref a3, ref b3, ref c3, ref d3);
                }

                w += step;
            }

            if (!isLastApart || end != inputColumns)
            {
                break;
            }

            // Only the cell with three gates has its last one apart.
            TSimd.Store(c0, sums + (3 * lanes));
            TSimd.Store(c1, sums + perStream + (3 * lanes));
            if (TSimd.TileStreams > 2)
            {
                TSimd.Store(c2, sums + (2 * perStream) + (3 * lanes));
                TSimd.Store(c3, sums + (3 * perStream) + (3 * lanes));
            }

            c0 = bias == null ? TSimd.Zero : TSimd.Load(bias + (3 * lanes));
            c1 = c2 = c3 = c0;
            end = inputColumns + hiddenColumns;
        }

        Store<TSimd, TVector>(gates, a0, b0, c0, d0, sums);
        Store<TSimd, TVector>(gates, a1, b1, c1, d1, sums + perStream);
        if (TSimd.TileStreams > 2)
        {
            Store<TSimd, TVector>(gates, a2, b2, c2, d2, sums + (2 * perStream));
            Store<TSimd, TVector>(gates, a3, b3, c3, d3, sums + (3 * perStream));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TSimd, TVector>(
        int gates,
        float column,
        TVector wa,
        TVector wb,
        TVector wc,
        TVector wd,
        ref TVector a,
        ref TVector b,
        ref TVector c,
        ref TVector d)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector value = TSimd.Broadcast(column);
        a = TSimd.MultiplyAdd(value, wa, a);
        if (gates > 1)
        {
            b = TSimd.MultiplyAdd(value, wb, b);
        }

        if (gates > 2)
        {
            c = TSimd.MultiplyAdd(value, wc, c);
        }

        if (gates > 3)
        {
            d = TSimd.MultiplyAdd(value, wd, d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TSimd, TVector>(int gates, TVector a, TVector b, TVector c, TVector d, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TSimd.Store(a, sums);
        if (gates > 1)
        {
            TSimd.Store(b, sums + TSimd.Lanes);
        }

        if (gates > 2)
        {
            TSimd.Store(c, sums + (2 * TSimd.Lanes));
        }

        if (gates > 3)
        {
            TSimd.Store(d, sums + (3 * TSimd.Lanes));
        }
    }
}
