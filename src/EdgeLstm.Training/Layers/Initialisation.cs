// How weights begin: Xavier for inputs, orthogonal for the recurrence, zero for biases.

using System.Numerics;

namespace EdgeLstm.Training.Layers;

/// <summary>Initial weights.</summary>
internal static class Initialisation
{
    /// <summary>Uniform within ±√(6 / (columns + rows)): the variance of a signal passes unchanged both ways.</summary>
    /// <remarks>Glorot, Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks".</remarks>
    public static void Xavier<T>(Span<T> weights, int rows, int columns, RandomStream random)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double bound = Math.Sqrt(6.0 / (rows + columns));
        foreach (ref T weight in weights)
        {
            weight = T.CreateTruncating(bound * ((2 * random.NextDouble()) - 1));
        }
    }

    /// <summary>Orthogonal rows of [size, size]: repeated products neither grow nor fade.</summary>
    /// <remarks>Saxe, McClelland, Ganguli (2014), "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    /// networks". By Gram and Schmidt, twice, from normal numbers.</remarks>
    public static void Orthogonal<T>(Span<T> weights, int size, RandomStream random)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] rows = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            Span<double> row = rows.AsSpan(i * size, size);
            foreach (ref double value in row)
            {
                value = random.NextNormal();
            }

            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j++)
                {
                    Subtract(row, rows.AsSpan(j * size, size));
                }
            }

            Scale(row, 1 / Math.Sqrt(Dot(row, row)));
        }

        for (int i = 0; i < rows.Length; i++)
        {
            weights[i] = T.CreateTruncating(rows[i]);
        }
    }

    // Takes the part along a unit vector away.
    private static void Subtract(Span<double> row, ReadOnlySpan<double> unit)
    {
        double part = Dot(row, unit);
        for (int i = 0; i < row.Length; i++)
        {
            row[i] -= part * unit[i];
        }
    }

    private static void Scale(Span<double> row, double factor)
    {
        foreach (ref double value in row)
        {
            value *= factor;
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
