// A linear autoregression per target and horizon:
//
//   ŷ(t + h) = y(t) + s · (a₀ + Σ aᵢ · z(t − i)),   z = (y − mean) / s,   i = 0 … L − 1
//
// a by least squares with a ridge over the training rows:  (XᵀX + λ·n·I) · a = Xᵀd,  d = (y(t + h) − y(t)) / s.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>The strongest forecast without a network: what a linear model of the channel's own past can say.</summary>
/// <remarks>The ridge draws towards persistence and does not act on a₀. With fewer than four equations for each coefficient there
/// is no fit, and the current value is repeated.</remarks>
public sealed class LinearAutoregression : Baseline
{
    /// <summary>What it is called.</summary>
    public const string BaselineName = "linear autoregression";

    /// <summary>Values looked back at where nothing else is asked for.</summary>
    public const int DefaultLags = 32;

    /// <summary>λ: so small that it only settles what the rows do not.</summary>
    public const double Ridge = 1e-6;

    /// <summary>Rows it is fitted on at most, the latest: bounds the time at some 50,000 · L² multiplications.</summary>
    public const int MostRows = 50_000;

    private const int FewestRowsPerCoefficient = 4;

    private readonly int _lags;
    private readonly double[] _means;
    private readonly double[] _deviations;
    private readonly double[]?[] _coefficients;

    /// <param name="table">The recording.</param>
    /// <param name="groups">What is to be forecast.</param>
    /// <param name="training">The rows it is fitted on.</param>
    /// <param name="skipsLabelled">Whether it learns nothing from labelled rows.</param>
    /// <param name="lags">Values L it looks back at, at least 1.</param>
    public LinearAutoregression(
        SeriesTable table, IReadOnlyList<OutputGroup> groups, RowRange training, bool skipsLabelled, int lags = DefaultLags)
        : base(BaselineName, table, groups, training, skipsLabelled)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lags, 1);
        _lags = lags;
        _means = new double[groups.Count];
        _deviations = new double[groups.Count];
        _coefficients = new double[]?[groups.Count];
        for (int group = 0; group < groups.Count; group++)
        {
            (_means[group], _deviations[group]) = Moments(table, groups[group].Channel, training);
            _coefficients[group] = Fit(group, ScoredRows.Of(table, groups[group], training, skipsLabelled));
        }
    }

    /// <inheritdoc/>
    protected override double PointAt(int row, int group)
    {
        double current = ValueAt(row, row, Groups[group].Channel);
        if (_coefficients[group] is not { } a)
        {
            return current;
        }

        double change = a[0];
        for (int i = 0; i < _lags; i++)
        {
            change += a[i + 1] * Standardised(row, i, group);
        }

        return double.IsFinite(change) ? current + (_deviations[group] * change) : current;
    }

    private double Standardised(int row, int lag, int group) =>
        (ValueAt(row, row - lag, Groups[group].Channel) - _means[group]) / _deviations[group];

    private double[]? Fit(int group, int[] origins)
    {
        int size = _lags + 1;
        (double[] products, double[] right, double[] x) = (new double[size * size], new double[size], new double[size]);
        int rows = 0;
        for (int k = Math.Max(0, origins.Length - MostRows); k < origins.Length; k++)
        {
            if (TryRead(origins[k], group, x))
            {
                rows++;
                Accumulate(products, right, x, ChangeAt(origins[k], group));
            }
        }

        for (int i = 1; i < size; i++)
        {
            products[(i * size) + i] += Ridge * rows;
        }

        return rows >= FewestRowsPerCoefficient * size && Cholesky.TrySolve(products, right) ? right : null;
    }

    private double ChangeAt(int row, int group)
    {
        (int horizon, int channel) = (Groups[group].Horizon, Groups[group].Channel);
        return ((double)Table[row + horizon, channel] - Table[row, channel]) / _deviations[group];
    }

    private bool TryRead(int row, int group, double[] x)
    {
        x[0] = 1;
        double sum = 0;
        for (int i = 0; i < _lags; i++)
        {
            x[i + 1] = Standardised(row, i, group);
            sum += x[i + 1];
        }

        return double.IsFinite(sum);
    }

    private static void Accumulate(double[] products, double[] right, double[] x, double change)
    {
        for (int row = 0; row < x.Length; row++)
        {
            right[row] += x[row] * change;
            for (int column = 0; column <= row; column++)
            {
                products[(row * x.Length) + column] += x[row] * x[column];
            }
        }
    }

    private static (double Mean, double Deviation) Moments(SeriesTable table, int channel, RowRange rows)
    {
        (double sum, double squares, long count) = (0, 0, 0);
        for (int row = rows.Begin; row < rows.End; row++)
        {
            sum += float.IsFinite(table[row, channel]) ? table[row, channel] : 0;
            count += float.IsFinite(table[row, channel]) ? 1 : 0;
        }

        double mean = sum / count;
        for (int row = rows.Begin; row < rows.End; row++)
        {
            double difference = table[row, channel] - mean;
            squares += double.IsFinite(difference) ? difference * difference : 0;
        }

        return (mean, squares > 0 ? Math.Sqrt(squares / count) : 1);
    }
}
