// Recursive least squares: against the batch solution, several delays, wind-up, missing and absurd values, carrying over.

using System.Numerics;
using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Anomaly;

public class RecursiveLeastSquaresTests
{
    public static TheoryData<int, double> Sizes()
    {
        TheoryData<int, double> sizes = [];
        int block = 4 * Vector<double>.Count;
        foreach (int inputs in new[] { 1, 8, block - 1, block, block + 1, 25, 48 })
        {
            sizes.Add(inputs, 0.99);
            sizes.Add(inputs, 0.999);
            sizes.Add(inputs, 1);
        }

        return sizes;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Weights_are_those_of_the_batch_solution_whatever_the_delay(int inputs, double forgetting)
    {
        const int rows = 600;
        int[] delays = [0, 1, 6, 12];
        double[][] x = Rows(inputs, rows, new Random(inputs));
        double[][] targets = [.. delays.Select(delay => Targets(x, new Random(delay)))];
        RecursiveLeastSquares squares = new(inputs, forgetting, 0.1, delays);
        for (int row = 0; row < rows; row++)
        {
            squares.Advance(x[row]);
            for (int head = 0; head < delays.Length; head++)
            {
                squares.Learn(head, row < delays[head] ? double.NaN : targets[head][row - delays[head]]);
            }
        }

        for (int head = 0; head < delays.Length; head++)
        {
            double[] batch = Batch(x, targets[head], forgetting, 0.1, rows - delays[head]);
            double size = Math.Sqrt(batch.Sum(w => w * w));
            for (int i = 0; i < inputs; i++)
            {
                Assert.InRange(squares.Weights(head)[i], batch[i] - (1e-8 * size), batch[i] + (1e-8 * size));
            }

            Assert.Equal(x[^1].Zip(batch, (a, b) => a * b).Sum(), squares.Predict(head), 8);
        }
    }

    [Fact]
    public void The_covariance_stays_symmetric_to_the_last_bit()
    {
        RecursiveLeastSquares squares = new(25, 0.999, 0.01, 1);
        foreach (double[] x in Rows(25, 20_000, new Random(3)))
        {
            squares.Advance(x);
        }

        for (int row = 0; row < 25; row++)
        {
            Assert.InRange(squares.Covariance(row, row), 1e-9, 1 / 0.01);
            for (int column = 0; column < row; column++)
            {
                Assert.Equal(squares.Covariance(row, column), squares.Covariance(column, row));
            }
        }
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.999)]
    [InlineData(1)]
    public void Ten_million_constant_rows_wind_nothing_up_and_learning_goes_on(double forgetting)
    {
        RecursiveLeastSquares squares = new(8, forgetting, 0.1, 0);
        double[] x = [1, 0.3, 0, -2, 5, 0.1, 0, 1];
        int rows = forgetting == 0.999 ? 10_000_000 : 1_000_000;
        for (int row = 0; row < rows; row++)
        {
            squares.Advance(x);
            squares.Learn(0, 7);
        }

        Assert.Equal(0, squares.Restarts);
        Assert.Equal(7, squares.Predict(0), 0.05);
        double largest = Enumerable.Range(0, 8).Max(i => squares.Covariance(i, i));
        Assert.InRange(largest, 1e-9, 1 / (0.1 * Math.Pow(forgetting, 8)));

        // Inputs that were still until now are learned as by a new one.
        foreach (double[] row in Rows(8, 5000, new Random(4)))
        {
            squares.Advance(row);
            squares.Learn(0, row[2] - (3 * row[6]));
        }

        Assert.Equal(1, squares.Weights(0)[2], 0.15);   // less what the ridge takes of ten rows
        Assert.Equal(-3, squares.Weights(0)[6], 0.15);
    }

    [Fact]
    public void A_sensor_that_stands_still_does_not_keep_the_others_from_learning()
    {
        RecursiveLeastSquares squares = new(3, 0.99, 0.01, 0);
        Random random = new(5);
        for (int row = 0; row < 100_000; row++)
        {
            double value = random.NextDouble() - 0.5;
            squares.Advance([value, 0, 1]);
            squares.Learn(0, (row < 99_000 ? 2 : -2) * value);
        }

        Assert.Equal(-2, squares.Weights(0)[0], 0.01);
        Assert.Equal(0, squares.Weights(0)[1]);
    }

    [Fact]
    public void A_missing_target_teaches_nothing_and_a_row_with_a_missing_input_forecasts_nothing()
    {
        RecursiveLeastSquares squares = new(2, 0.99, 0.1, 0, 1);
        Assert.True(double.IsNaN(squares.Predict(0)));
        squares.Learn(0, 5);
        squares.Learn(1, 5);
        squares.Advance([1, 2]);
        Assert.Equal(0, squares.Predict(1));
        squares.Learn(0, double.NaN);
        squares.Learn(0, double.PositiveInfinity);
        squares.Learn(0, 1e51);
        Assert.Equal([0, 0], squares.Weights(0).ToArray());

        squares.Advance([1, double.NaN]);
        Assert.True(double.IsNaN(squares.Predict(0)));
        squares.Learn(0, 5);
        Assert.Equal([0, 0], squares.Weights(0).ToArray());
        squares.Learn(1, 5);   // of the row before, which was whole
        Assert.NotEqual(0, squares.Weights(1)[0]);

        squares.Advance([1, double.NegativeInfinity]);
        Assert.True(double.IsNaN(squares.Predict(1)));
        squares.Advance([1, 2]);
        Assert.True(squares.Predict(1) > 0);
        Assert.Equal(0, squares.Restarts);
    }

    [Fact]
    public void A_head_that_is_cleared_begins_at_0_and_the_others_stay()
    {
        RecursiveLeastSquares squares = new(2, 0.99, 0.1, 0, 0);
        foreach (double[] x in Rows(2, 500, new Random(4)))
        {
            squares.Advance(x);
            squares.Learn(0, x[0]);
            squares.Learn(1, x[1]);
        }

        double[] other = squares.Weights(1).ToArray();
        squares.Clear(0);
        Assert.Equal([0, 0], squares.Weights(0).ToArray());
        Assert.Equal(other, squares.Weights(1).ToArray());
        foreach (double[] x in Rows(2, 2000, new Random(5)))
        {
            squares.Advance(x);
            squares.Learn(0, x[0]);
        }

        Assert.InRange(squares.Weights(0)[0], 0.99, 1);
    }

    [Theory]
    [InlineData(1e50, 1e50)]
    [InlineData(1e6, 1e6)]
    [InlineData(1e-50, 1e50)]
    [InlineData(1e-300, 1)]
    public void Absurd_values_pass_and_are_forgotten(double inputScale, double targetScale)
    {
        RecursiveLeastSquares squares = new(5, 0.99, 1e-6, 0, 3);
        Random random = new(6);
        foreach (double[] x in Rows(5, 2000, random))
        {
            squares.Advance([.. x.Select(value => Math.Clamp(value * inputScale, -1e50, 1e50))]);
            squares.Learn(0, (random.NextDouble() - 0.5) * targetScale);
            squares.Learn(1, (random.NextDouble() - 0.5) * targetScale);
            Assert.True(double.IsFinite(squares.Predict(0)) && double.IsFinite(squares.Predict(1)));
        }

        foreach (double[] x in Rows(5, 20_000, random))
        {
            squares.Advance(x);
            squares.Learn(0, x[0] - x[4]);
            squares.Learn(1, 0);
        }

        Assert.Equal([1, 0, 0, 0, -1], squares.Weights(0).ToArray().Select(w => Math.Round(w, 4) + 0.0));
        Assert.InRange(squares.Predict(1), -1e-4, 1e-4);
    }

    [Fact]
    public void Inputs_that_repeat_each_other_share_the_weight()
    {
        RecursiveLeastSquares squares = new(2, 0.999, 0.01, 0);
        Random random = new(7);
        for (int row = 0; row < 1_000_000; row++)
        {
            double value = random.NextDouble() - 0.5;
            squares.Advance([value, value]);
            squares.Learn(0, 3 * value);
        }

        Assert.Equal(1.5, squares.Weights(0)[0], 0.01);
        Assert.Equal(1.5, squares.Weights(0)[1], 0.01);
    }

    [Fact]
    public void State_carries_over_to_the_last_bit()
    {
        RecursiveLeastSquares first = new(5, 0.99, 0.1, 1, 7);
        RecursiveLeastSquares second = new(5, 0.99, 0.1, 1, 7);
        double[][] x = Rows(5, 300, new Random(8));
        foreach (double[] row in x[..200])
        {
            Step(first, row);
        }

        StateWriter writer = new();
        first.Save(writer);
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        foreach (double[] row in x[200..])
        {
            Assert.Equal(Step(first, row), Step(second, row));
        }
    }

    [Fact]
    public void State_of_another_shape_is_refused()
    {
        StateWriter writer = new();
        new RecursiveLeastSquares(5, 0.99, 0.1, 1, 7).Save(writer);
        Refused(new(4, 0.99, 0.1, 1, 7), writer,
            "saved least squares have 5 inputs, 2 heads and 8 rows kept; expected 4, 2 and 8");
        Refused(new(5, 0.99, 0.1, 1), writer, "expected 5, 1 and 2");
        Refused(new(5, 0.99, 0.1, 1, 8), writer, "expected 5, 2 and 9");
    }

    [Fact]
    public void Limits_are_held()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecursiveLeastSquares(0, 0.99, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecursiveLeastSquares(257, 0.99, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecursiveLeastSquares(1, 0.89, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecursiveLeastSquares(1, double.NaN, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecursiveLeastSquares(1, 0.99, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecursiveLeastSquares(1, 0.99, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecursiveLeastSquares(1, 0.99, 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecursiveLeastSquares(2, 0.99, 1, 1).Advance([1]));
    }

    [Fact]
    public void Advancing_forecasting_and_learning_allocates_nothing()
    {
        RecursiveLeastSquares squares = new(48, 0.999, 0.1, 1, 6, 12);
        double[][] x = Rows(48, 1000, new Random(9));
        double sum = 0;
        Allocation.AssertNone(() =>
        {
            foreach (double[] row in x)
            {
                squares.Advance(row);
                squares.Learn(2, row[0]);
                sum += squares.Predict(2);
            }
        });
    }

    private static double Step(RecursiveLeastSquares squares, double[] row)
    {
        squares.Advance(row);
        squares.Learn(0, row[0]);
        squares.Learn(1, row[1]);
        return squares.Predict(0) + squares.Predict(1);
    }

    private static void Refused(RecursiveLeastSquares squares, StateWriter writer, string expected)
    {
        FormatException found = Assert.Throws<FormatException>(() =>
        {
            StateReader reader = new(writer.Written);
            squares.Restore(ref reader);
        });
        Assert.Contains(expected, found.Message, StringComparison.Ordinal);
    }

    // Autocorrelated inputs and a bias, as lagged values of a sensor are.
    private static double[][] Rows(int inputs, int count, Random random)
    {
        double[][] rows = new double[count][];
        double[] state = new double[inputs];
        for (int row = 0; row < count; row++)
        {
            for (int i = 0; i < inputs; i++)
            {
                state[i] = (0.5 * state[i]) + (random.NextDouble() * 2) - 1;
            }

            rows[row] = [.. state];
            rows[row][inputs / 2] = 1;
        }

        return rows;
    }

    private static double[] Targets(double[][] x, Random random)
    {
        double[] weights = [.. x[0].Select(_ => random.NextDouble() - 0.5)];
        return [.. x.Select(row => row.Zip(weights, (a, b) => a * b).Sum() + (0.1 * random.NextDouble()))];
    }

    // Normal equations of the first rows, ridge observations included, solved by Gaussian elimination with pivoting.
    private static double[] Batch(double[][] x, double[] targets, double forgetting, double regularisation, int rows)
    {
        int n = x[0].Length;
        double[,] a = new double[n, n + 1];
        for (int i = 0; i < n; i++)
        {
            a[i, i] = regularisation * Math.Pow(forgetting, rows);
        }

        for (int row = 0; row < rows; row++)
        {
            double weight = Math.Pow(forgetting, rows - 1 - row);
            int ridged = (row + 1) % n;
            a[ridged, ridged] += weight * n * (1 - forgetting) * regularisation;
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    a[i, j] += weight * x[row][i] * x[row][j];
                }

                a[i, n] += weight * x[row][i] * targets[row];
            }
        }

        return Solve(a, n);
    }

    private static double[] Solve(double[,] a, int n)
    {
        for (int pivot = 0; pivot < n; pivot++)
        {
            int best = Enumerable.Range(pivot, n - pivot).MaxBy(i => Math.Abs(a[i, pivot]));
            for (int j = 0; j <= n; j++)
            {
                (a[pivot, j], a[best, j]) = (a[best, j], a[pivot, j]);
            }

            for (int i = 0; i < n; i++)
            {
                double factor = i == pivot ? 0 : a[i, pivot] / a[pivot, pivot];
                for (int j = pivot; j <= n; j++)
                {
                    a[i, j] -= factor * a[pivot, j];
                }
            }
        }

        return [.. Enumerable.Range(0, n).Select(i => a[i, n] / a[i, i])];
    }
}
