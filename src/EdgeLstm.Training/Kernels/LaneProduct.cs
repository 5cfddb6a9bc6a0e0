// Products of weights [rows, columns] with values [columns, lanes].
//
//   Multiply             y = b + W·x [+ R·h]          Add                y += W·x
//   AddTransposed        y += Wᵀ·x                    AddOuter           G += Σₜ a(t) · x(t)ᵀ, summed over the lanes

using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeLstm.Training.Kernels;

/// <summary>Dense products over the lanes of a group. Pointers are to buffers of the sizes said; nothing is checked.</summary>
/// <remarks>All of them are sums of weights times rows of 16 numbers, made in blocks of six rows and two vectors: twelve sums
/// and what they need fit 16 registers, and hide the latency of a multiply-add. Compiled once and for all: what the just-in-time
/// compiler learns from the first networks would let it train later, stacked ones at half the speed.</remarks>
internal static unsafe class LaneProduct<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Block = 6, SmallBlock = 4;

    // Steps whose x lies in the first cache at once: 8 · 16 · 16 floats are 8 kB.
    private const int OuterSteps = 8;

    /// <summary>y = b + W·x.</summary>
    /// <param name="y">[rows, lanes]</param>
    /// <param name="rows">Rows of W.</param>
    /// <param name="bias">[rows]</param>
    /// <param name="weights">W [rows, columns].</param>
    /// <param name="x">[columns, lanes]</param>
    /// <param name="columns">Columns of W.</param>
    public static void Multiply(T* y, int rows, T* bias, T* weights, T* x, int columns)
    {
        Terms terms = new(weights, columns, 1, x, columns);
        AddTerms(y, rows, bias, &terms, 1);
    }

    /// <summary>y = b + W·x + R·h.</summary>
    /// <param name="y">[rows, lanes]</param>
    /// <param name="rows">Rows of W and R.</param>
    /// <param name="bias">[rows]</param>
    /// <param name="weights">W [rows, columns].</param>
    /// <param name="x">[columns, lanes]</param>
    /// <param name="columns">Columns of W.</param>
    /// <param name="recurrent">R [rows, units].</param>
    /// <param name="h">[units, lanes]</param>
    /// <param name="units">Columns of R.</param>
    public static void Multiply(T* y, int rows, T* bias, T* weights, T* x, int columns, T* recurrent, T* h, int units)
    {
        Terms* terms = stackalloc Terms[]
        {
            new(weights, columns, 1, x, columns), new(recurrent, units, 1, h, units),
        };
        AddTerms(y, rows, bias, terms, 2);
    }

    /// <summary>y += W·x.</summary>
    public static void Add(T* y, int rows, T* weights, T* x, int columns)
    {
        Terms terms = new(weights, columns, 1, x, columns);
        AddTerms(y, rows, null, &terms, 1);
    }

    /// <summary>y += Wᵀ·x.</summary>
    /// <param name="y">[columns, lanes]</param>
    /// <param name="columns">Columns of W.</param>
    /// <param name="weights">W [rows, columns].</param>
    /// <param name="x">[rows, lanes]</param>
    /// <param name="rows">Rows of W.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddTransposed(T* y, int columns, T* weights, T* x, int rows)
    {
        Terms terms = new(weights, 1, columns, x, rows);
        AddTerms(y, columns, null, &terms, 1);
    }

    /// <summary>G[r, k] += Σₜ Σ_lanes a(t)[r, lane] · x(t)[k, lane].</summary>
    /// <param name="gradient">G [rows, columns].</param>
    /// <param name="rows">Rows of a.</param>
    /// <param name="columns">Rows of x.</param>
    /// <param name="a">a of the first step [rows, lanes].</param>
    /// <param name="aStride">Numbers from one step of a to the next.</param>
    /// <param name="x">x of the first step [columns, lanes].</param>
    /// <param name="xStride">Numbers from one step of x to the next.</param>
    /// <param name="steps">Steps.</param>
    /// <remarks>x is turned, 16 of its rows and some steps at a time: then a(t)[r, lane] are weights, and the turned x(t) the
    /// rows that they weigh. A sum over the lanes at the end of each number would cost more.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddOuter(T* gradient, int rows, int columns, T* a, int aStride, T* x, int xStride, int steps)
    {
        T* turned = stackalloc T[OuterSteps * Lanes.Count * Lanes.Count];
        Terms* terms = stackalloc Terms[OuterSteps];
        T* sums = stackalloc T[Block * Lanes.Count];
        for (int column = 0; column < columns; column += Lanes.Count)
        {
            int width = Math.Min(columns - column, Lanes.Count);
            for (int first = 0; first < steps; first += OuterSteps)
            {
                int count = Math.Min(steps - first, OuterSteps);
                for (int i = 0; i < count; i++)
                {
                    T* one = turned + (i * Lanes.Count * Lanes.Count);
                    Turn(x + ((first + i) * xStride) + (column * Lanes.Count), width, one);
                    terms[i] = new(a + ((first + i) * aStride), Lanes.Count, 1, one, Lanes.Count);
                }

                for (int row = 0; row < rows;)
                {
                    int size = SizeOfBlock(rows - row);
                    new Span<T>(sums, size * Lanes.Count).Clear();
                    AddBlock(sums, row, size, null, terms, count);
                    AddColumns(gradient + (row * columns) + column, columns, sums, size, width);
                    row += size;
                }
            }
        }
    }

    /// <summary>g[r] += Σₜ Σ_lanes a(t)[r, lane].</summary>
    public static void AddSums(T* gradient, int rows, T* a, int aStride, int steps)
    {
        for (int row = 0; row < rows; row++)
        {
            Vector<T> sum = Vector<T>.Zero;
            T* value = a + (row * Lanes.Count);
            for (int step = 0; step < steps; step++, value += aStride)
            {
                for (int at = 0; at < Lanes.Count; at += Vector<T>.Count)
                {
                    sum += Vector.Load(value + at);
                }
            }

            gradient[row] += Vector.Sum(sum);
        }
    }

    // Onto what y holds, or onto the bias where there is one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTerms(T* y, int rows, T* bias, Terms* terms, int count)
    {
        Debug.Assert(2 * Vector<T>.Count <= Lanes.Count, "a row is at least two vectors");
        for (int row = 0; row < rows;)
        {
            int size = SizeOfBlock(rows - row);
            AddBlock(y + (row * Lanes.Count), row, size, bias is null ? null : bias + row, terms, count);
            row += size;
        }
    }

    // Sixes as long as no fewer than four are left behind, or none.
    private static int SizeOfBlock(int rows) => rows switch
    {
        Block or >= Block + SmallBlock => Block,
        >= SmallBlock => SmallBlock,
        _ => 1,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBlock(T* y, int row, int size, T* bias, Terms* terms, int count)
    {
        for (int at = 0; at < Lanes.Count; at += 2 * Vector<T>.Count)
        {
            switch (size)
            {
                case Block:
                    AddSix(y + at, row, bias, terms, count, at);
                    break;
                case SmallBlock:
                    AddFour(y + at, row, bias, terms, count, at);
                    break;
                default:
                    AddOne(y + at, row, bias, terms, count, at);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSix(T* y, int row, T* bias, Terms* terms, int count, int at)
    {
        int half = Vector<T>.Count;
        Vector<T> y00 = Start(y, bias, 0), y01 = Start(y + half, bias, 0);
        Vector<T> y10 = Start(y, bias, 1), y11 = Start(y + half, bias, 1);
        Vector<T> y20 = Start(y, bias, 2), y21 = Start(y + half, bias, 2);
        Vector<T> y30 = Start(y, bias, 3), y31 = Start(y + half, bias, 3);
        Vector<T> y40 = Start(y, bias, 4), y41 = Start(y + half, bias, 4);
        Vector<T> y50 = Start(y, bias, 5), y51 = Start(y + half, bias, 5);
        for (Terms* end = terms + count; terms < end; terms++)
        {
            (nint one, nint next) = (terms->RowStride, terms->TermStride);
            nint two = 2 * one;
            T* w0 = terms->Weights + (row * one), w3 = w0 + (3 * one), x = terms->X + at;
            for (int k = terms->Count; k > 0; k--)
            {
                Vector<T> x0 = Vector.Load(x), x1 = Vector.Load(x + half);
                Vector<T> w = new(*w0);
                (y00, y01) = (Lanes.MultiplyAdd(w, x0, y00), Lanes.MultiplyAdd(w, x1, y01));
                w = new(w0[one]);
                (y10, y11) = (Lanes.MultiplyAdd(w, x0, y10), Lanes.MultiplyAdd(w, x1, y11));
                w = new(w0[two]);
                (y20, y21) = (Lanes.MultiplyAdd(w, x0, y20), Lanes.MultiplyAdd(w, x1, y21));
                w = new(*w3);
                (y30, y31) = (Lanes.MultiplyAdd(w, x0, y30), Lanes.MultiplyAdd(w, x1, y31));
                w = new(w3[one]);
                (y40, y41) = (Lanes.MultiplyAdd(w, x0, y40), Lanes.MultiplyAdd(w, x1, y41));
                w = new(w3[two]);
                (y50, y51) = (Lanes.MultiplyAdd(w, x0, y50), Lanes.MultiplyAdd(w, x1, y51));
                x += Lanes.Count;
                w0 += next;
                w3 += next;
            }
        }

        Store(y, y00, y01);
        Store(y + Lanes.Count, y10, y11);
        Store(y + (2 * Lanes.Count), y20, y21);
        Store(y + (3 * Lanes.Count), y30, y31);
        Store(y + (4 * Lanes.Count), y40, y41);
        Store(y + (5 * Lanes.Count), y50, y51);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(T* y, int row, T* bias, Terms* terms, int count, int at)
    {
        int half = Vector<T>.Count;
        Vector<T> y00 = Start(y, bias, 0), y01 = Start(y + half, bias, 0);
        Vector<T> y10 = Start(y, bias, 1), y11 = Start(y + half, bias, 1);
        Vector<T> y20 = Start(y, bias, 2), y21 = Start(y + half, bias, 2);
        Vector<T> y30 = Start(y, bias, 3), y31 = Start(y + half, bias, 3);
        for (Terms* end = terms + count; terms < end; terms++)
        {
            (nint one, nint next) = (terms->RowStride, terms->TermStride);
            T* w0 = terms->Weights + (row * one), w2 = w0 + (2 * one), x = terms->X + at;
            for (int k = terms->Count; k > 0; k--)
            {
                Vector<T> x0 = Vector.Load(x), x1 = Vector.Load(x + half);
                Vector<T> w = new(*w0);
                (y00, y01) = (Lanes.MultiplyAdd(w, x0, y00), Lanes.MultiplyAdd(w, x1, y01));
                w = new(w0[one]);
                (y10, y11) = (Lanes.MultiplyAdd(w, x0, y10), Lanes.MultiplyAdd(w, x1, y11));
                w = new(*w2);
                (y20, y21) = (Lanes.MultiplyAdd(w, x0, y20), Lanes.MultiplyAdd(w, x1, y21));
                w = new(w2[one]);
                (y30, y31) = (Lanes.MultiplyAdd(w, x0, y30), Lanes.MultiplyAdd(w, x1, y31));
                x += Lanes.Count;
                w0 += next;
                w2 += next;
            }
        }

        Store(y, y00, y01);
        Store(y + Lanes.Count, y10, y11);
        Store(y + (2 * Lanes.Count), y20, y21);
        Store(y + (3 * Lanes.Count), y30, y31);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne(T* y, int row, T* bias, Terms* terms, int count, int at)
    {
        int half = Vector<T>.Count;
        Vector<T> y0 = Start(y, bias, 0), y1 = Start(y + half, bias, 0);
        for (Terms* end = terms + count; terms < end; terms++)
        {
            T* weights = terms->Weights + (row * terms->RowStride), x = terms->X + at;
            for (int k = terms->Count; k > 0; k--)
            {
                Vector<T> w = new(*weights);
                (y0, y1) = (Lanes.MultiplyAdd(w, Vector.Load(x), y0), Lanes.MultiplyAdd(w, Vector.Load(x + half), y1));
                x += Lanes.Count;
                weights += terms->TermStride;
            }
        }

        Store(y, y0, y1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> Start(T* y, T* bias, int row) =>
        bias is null ? Vector.Load(y + (row * Lanes.Count)) : new Vector<T>(bias[row]);

    private static void Store(T* y, Vector<T> first, Vector<T> second)
    {
        first.Store(y);
        second.Store(y + Vector<T>.Count);
    }

    // Rows of x become columns; columns behind the last are zero.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(T* x, int width, T* turned)
    {
        if (width < Lanes.Count)
        {
            new Span<T>(turned, Lanes.Count * Lanes.Count).Clear();
        }

        for (int column = 0; column < width; column++, x += Lanes.Count)
        {
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                turned[(lane * Lanes.Count) + column] = x[lane];
            }
        }
    }

    private static void AddColumns(T* gradient, int stride, T* sums, int rows, int width)
    {
        for (int row = 0; row < rows; row++, gradient += stride, sums += Lanes.Count)
        {
            for (int column = 0; column < width; column++)
            {
                gradient[column] += sums[column];
            }
        }
    }

    /// <summary>Σ_k w(k) · x(k): the weight of row r and term k lies at r · RowStride + k · TermStride.</summary>
    private readonly struct Terms(T* weights, int rowStride, int termStride, T* x, int count)
    {
        public readonly T* Weights = weights;
        public readonly T* X = x;
        public readonly nint RowStride = rowStride;
        public readonly nint TermStride = termStride;
        public readonly int Count = count;
    }
}
