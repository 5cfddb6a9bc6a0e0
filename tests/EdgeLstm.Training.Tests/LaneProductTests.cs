// Products over lanes against sums written out, at every size below, at and above a block.

using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Tests;

public unsafe class LaneProductTests
{
    private const double Tolerance = 1e-4;

    public static TheoryData<int, int> Sizes
    {
        get
        {
            TheoryData<int, int> sizes = [];
            foreach (int rows in Enumerable.Range(1, 17))
            {
                sizes.Add(rows, 5);
            }

            foreach (int columns in new[] { 1, 2, 15, 16, 17, 33 })
            {
                sizes.Add(10, columns);
            }

            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Products_forwards_and_transposed_agree_with_sums_written_out(int rows, int columns)
    {
        PinnedBuffer<float> weights = Numbers(rows * columns, 1), x = Numbers(columns * Lanes.Count, 2), bias = Numbers(rows, 3);
        PinnedBuffer<float> a = Numbers(rows * Lanes.Count, 4), y = new(rows * Lanes.Count), back = new(columns * Lanes.Count);

        LaneProduct<float>.Multiply(y.Pointer, rows, bias.Pointer, weights.Pointer, x.Pointer, columns,
            weights.Pointer, x.Pointer, columns);
        LaneProduct<float>.AddTransposed(back.Pointer, columns, weights.Pointer, a.Pointer, rows);

        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            for (int row = 0; row < rows; row++)
            {
                double sum = Sum(columns, k => weights.Span[(row * columns) + k] * x.Span[(k * Lanes.Count) + lane]);
                Assert.Equal(bias.Span[row] + (2 * sum), y.Span[(row * Lanes.Count) + lane], Tolerance);
            }

            for (int k = 0; k < columns; k++)
            {
                double sum = Sum(rows, row => weights.Span[(row * columns) + k] * a.Span[(row * Lanes.Count) + lane]);
                Assert.Equal(sum, back.Span[(k * Lanes.Count) + lane], Tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Outer_products_and_sums_over_time_agree_with_sums_written_out(int rows, int columns)
    {
        const int steps = 11;   // more than one block of time
        PinnedBuffer<float> a = Numbers(steps * rows * Lanes.Count, 1), x = Numbers(steps * columns * Lanes.Count, 2);
        PinnedBuffer<float> gradient = new(rows * columns), sums = new(rows);
        gradient.Span.Fill(1);

        LaneProduct<float>.AddOuter(gradient.Pointer, rows, columns, a.Pointer, rows * Lanes.Count, x.Pointer,
            columns * Lanes.Count, steps);
        LaneProduct<float>.AddSums(sums.Pointer, rows, a.Pointer, rows * Lanes.Count, steps);

        for (int row = 0; row < rows; row++)
        {
            float Of(int i) => a.Span[(i / Lanes.Count * rows * Lanes.Count) + (row * Lanes.Count) + (i % Lanes.Count)];
            Assert.Equal(Sum(steps * Lanes.Count, Of), sums.Span[row], Tolerance);
            for (int k = 0; k < columns; k++)
            {
                double sum = Sum(steps * Lanes.Count,
                    i => Of(i) * x.Span[(i / Lanes.Count * columns * Lanes.Count) + (k * Lanes.Count) + (i % Lanes.Count)]);
                Assert.Equal(1 + sum, gradient.Span[(row * columns) + k], Tolerance);
            }
        }
    }

    private static double Sum(int count, Func<int, float> term) => Enumerable.Range(0, count).Sum(i => (double)term(i));

    private static PinnedBuffer<float> Numbers(int count, int seed)
    {
        RandomStream random = new(seed);
        PinnedBuffer<float> numbers = new(count);
        foreach (ref float number in numbers.Span)
        {
            number = (float)random.NextNormal();
        }

        return numbers;
    }
}
