// Linear forecasts that learn with every row:  w = argmin Σ λ^(T−t)·(y_t − w·x_t)² + δ·|w|²,  one w per head, one covariance for
// all.
//     g = P·x,  k = g/(λ + x·g),  P' = (P − k·gᵀ)/λ,  w' = w + k·(y − w·x)

using System.Numerics;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Recursive least squares with forgetting for several targets that share their inputs. Allocates nothing after
/// construction.</summary>
/// <remarks>
/// <para>
/// The gain k depends on the inputs alone. So the covariance P is advanced once per row, the gains are kept in a ring, and a head
/// whose target is known d rows later takes the gain of d rows ago: exactly what it would have learned at once.
/// </para>
/// <para>
/// Forgetting alone lets P grow without bound along directions that are not excited (a sensor that stands still, inputs that
/// repeat each other). So what is forgotten of the ridge δ is given back, to one input per row in turn, as an observation "this
/// weight is 0" of weight c = n(1 − λ)δ: P stays below about 1/δ in every direction while the others go on forgetting.
/// </para>
/// <para>
/// Sources: Haykin, Adaptive Filter Theory, ch. 9; Gay (1996), "Dynamically regularized fast RLS". Cost of <see cref="Advance"/>:
/// 2·inputs² multiply-adds to project and update and as many again for the ridge; <see cref="Learn"/>: 3·inputs,
/// <see cref="Predict"/>: inputs. Both updates of P are symmetric to the last bit. Inputs and targets should be scaled to about
/// 1: what is large against δ loses digits.
/// </para>
/// </remarks>
public sealed class RecursiveLeastSquares
{
    /// <summary>P is inputs² doubles: 512 KiB at this.</summary>
    public const int MaxInputs = 256;

    /// <summary>The ring holds three rows of inputs for each step of the longest delay.</summary>
    public const int MaxDelay = 4096;

    /// <summary>Inputs and targets larger than this are taken as missing.</summary>
    public const double MagnitudeLimit = 1e50;

    // Far above |target| + |w·x| of anything that was learned; a head beyond it starts anew.
    private const double ErrorLimit = 1e150;
    private const int Missing = -1;

    private readonly int _inputs;
    private readonly int _stride;
    private readonly double _forgetting;
    private readonly double _regularisation;
    private readonly double _ridgeWeight;
    private readonly int[] _delays;
    private readonly int _slots;

    private readonly double[] _covariance;      // P [inputs, stride]
    private readonly double[] _projected;       // g [stride]
    private readonly double[] _update;          // u: P' = P/λ − u·uᵀ [stride]
    private readonly double[] _ridge;           // v: P'' = P' − v·vᵀ [stride]
    private readonly double[] _weights;         // [heads, stride]
    private readonly double[] _rows;            // ring of x [slots, stride]
    private readonly double[] _gains;           // ring of k [slots, stride]
    private readonly double[] _ridgeGains;      // ring of what takes weight i towards 0 [slots, stride]
    private readonly int[] _ridgeInputs;        // ring of i, or Missing [slots]
    private long _step;

    /// <param name="inputs">Length of x, 1 to <see cref="MaxInputs"/>.</param>
    /// <param name="forgetting">λ, 0.9 to 1: a row's weight after one more row. Memory in rows is 1/(1 − λ).</param>
    /// <param name="regularisation">
    /// δ, 1e-9 to 1e9: the squared input, summed over the memory, below which a weight is held at 0 rather than learned.
    /// </param>
    /// <param name="delays">
    /// Rows after which each head's target is known, 0 to <see cref="MaxDelay"/> [heads]; the horizon where
    /// <see cref="Advance"/> is called before <see cref="Learn"/>.
    /// </param>
    public RecursiveLeastSquares(int inputs, double forgetting, double regularisation, params ReadOnlySpan<int> delays)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs, MaxInputs);
        ThrowIfOutside(forgetting, 0.9, 1, nameof(forgetting));
        ThrowIfOutside(regularisation, 1e-9, 1e9, nameof(regularisation));
        foreach (int delay in delays)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(delay, nameof(delays));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, MaxDelay, nameof(delays));
            _slots = Math.Max(_slots, delay + 1);
        }

        ArgumentOutOfRangeException.ThrowIfZero(delays.Length, nameof(delays));
        (_inputs, _forgetting, _regularisation) = (inputs, forgetting, regularisation);
        _ridgeWeight = inputs * (1 - forgetting) * regularisation;
        _stride = PaddedRows.Padded(inputs);
        _delays = delays.ToArray();
        _covariance = new double[inputs * _stride];
        _projected = new double[_stride];
        _update = new double[_stride];
        _ridge = new double[_stride];
        _weights = new double[_delays.Length * _stride];
        _rows = new double[_slots * _stride];
        _gains = new double[_slots * _stride];
        _ridgeGains = new double[_slots * _stride];
        _ridgeInputs = new int[_slots];
        _ridgeInputs.AsSpan().Fill(Missing);
        ResetCovariance();
    }

    /// <summary>
    /// How often the covariance began anew at 1/δ because rounding had left it without its sign: inputs too large against δ. The
    /// weights stay.
    /// </summary>
    public long Restarts { get; private set; }

    /// <summary>Takes the next row of inputs. A row with a value that is missing or beyond the limit teaches and forecasts
    /// nothing, but counts as a step.</summary>
    /// <param name="x">[inputs]</param>
    public void Advance(ReadOnlySpan<double> x)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, _inputs);
        int slot = (int)(++_step % _slots);
        _ridgeInputs[slot] = Missing;
        foreach (double value in x)
        {
            if (!(Math.Abs(value) <= MagnitudeLimit))
            {
                return;
            }
        }

        x.CopyTo(Row(_rows, slot));
        if (!TryUpdate(slot))
        {
            Restarts++;
            ResetCovariance();
            TryUpdate(slot);
        }
    }

    /// <summary>The forecast of a head from the newest row; NaN where that had a value missing, and before the first.</summary>
    public double Predict(int head)
    {
        int slot = (int)(_step % _slots);
        return _ridgeInputs[slot] == Missing ? double.NaN : PaddedRows.Dot(Row(_weights, head), Row(_rows, slot));
    }

    /// <summary>
    /// Teaches a head the target that belongs to the row its delay ago (0: the newest). At most once per row and head. A missing
    /// target (NaN, infinite, beyond the limit) teaches nothing, as one that was forecast exactly.
    /// </summary>
    /// <returns>Target − forecast before it was learned; NaN where nothing was.</returns>
    public double Learn(int head, double target)
    {
        long step = _step - _delays[head];
        int slot = (int)(Math.Max(0, step) % _slots);
        int ridgeInput = _ridgeInputs[slot];
        if (step < 1 || ridgeInput == Missing || !(Math.Abs(target) <= MagnitudeLimit))
        {
            return double.NaN;
        }

        Span<double> weights = Row(_weights, head);
        double error = target - PaddedRows.Dot(weights, Row(_rows, slot));
        if (!(Math.Abs(error) <= ErrorLimit))
        {
            weights.Clear();
            return double.NaN;
        }

        PaddedRows.AddScaled(weights, error, Row(_gains, slot));
        PaddedRows.AddScaled(weights, -weights[ridgeInput], Row(_ridgeGains, slot));
        return error;
    }

    /// <summary>The weights of a head [inputs].</summary>
    public ReadOnlySpan<double> Weights(int head) => Row(_weights, head)[.._inputs];

    /// <summary>A head begins anew with weights of 0; what is known of the inputs stays, so that it learns as slowly as the
    /// others.</summary>
    public void Clear(int head) => Row(_weights, head).Clear();

    /// <summary>Appends the state: covariance, weights and the ring of gains.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write((long)_inputs);
        writer.Write((long)_delays.Length);
        writer.Write((long)_slots);
        writer.Write(_step);
        writer.Write(Restarts);
        SaveRows(writer, _covariance);
        SaveRows(writer, _weights);
        SaveRows(writer, _rows);
        SaveRows(writer, _gains);
        SaveRows(writer, _ridgeGains);
        foreach (int input in _ridgeInputs)
        {
            writer.Write((long)input);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">The state is of other inputs, heads or delays.</exception>
    public void Restore(ref StateReader reader)
    {
        (long inputs, long heads, long slots) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        if (inputs != _inputs || heads != _delays.Length || slots != _slots)
        {
            throw new FormatException($"saved least squares have {inputs} inputs, {heads} heads and {slots} rows kept; "
                + $"expected {_inputs}, {_delays.Length} and {_slots}");
        }

        _step = Math.Max(0, reader.ReadInt64());
        Restarts = reader.ReadInt64();
        RestoreRows(ref reader, _covariance);
        RestoreRows(ref reader, _weights);
        RestoreRows(ref reader, _rows);
        RestoreRows(ref reader, _gains);
        RestoreRows(ref reader, _ridgeGains);
        for (int slot = 0; slot < _slots; slot++)
        {
            _ridgeInputs[slot] = (int)Math.Clamp(reader.ReadInt64(), Missing, _inputs - 1);
        }
    }

    /// <summary>Gives all weights of a head one value, for tests.</summary>
    internal void SetWeights(int head, double weight) => Row(_weights, head)[.._inputs].Fill(weight);

    /// <summary>P[row, column], for tests.</summary>
    internal double Covariance(int row, int column) => _covariance[(row * _stride) + column];

    // Forgets, takes the row of the slot in, then gives back to one input what the ridge lost. False, with P as it was, where P
    // is no covariance any more.
    private bool TryUpdate(int slot)
    {
        Span<double> x = Row(_rows, slot);
        Project(x);
        double energy = PaddedRows.Dot(x, _projected);
        int input = (int)(_step % _inputs);
        if (!(energy >= 0 && double.IsFinite(energy)))
        {
            return false;
        }

        PaddedRows.Scale(_projected, 1 / Math.Sqrt(_forgetting * (_forgetting + energy)), _update);
        PaddedRows.Scale(Row(_covariance, input), 1 / _forgetting, _ridge);
        PaddedRows.AddScaled(_ridge, -_update[input], _update);
        double pivot = _ridge[input];
        if (!(pivot > 0 && double.IsFinite(pivot)))
        {
            return false;
        }

        double ridgeScale = 1 / Math.Sqrt((1 / _ridgeWeight) + pivot);   // 0 without forgetting
        PaddedRows.Scale(_ridge, ridgeScale, _ridge);
        PaddedRows.Scale(_projected, 1 / (_forgetting + energy), Row(_gains, slot));
        PaddedRows.Scale(_ridge, ridgeScale, Row(_ridgeGains, slot));
        _ridgeInputs[slot] = input;
        UpdateCovariance();
        return true;
    }

    // g = P·x, row after row, as P is symmetric: sums stay in registers and need no adding across.
    private void Project(ReadOnlySpan<double> x)
    {
        int width = Vector<double>.Count;
        for (int column = 0; column < _stride; column += PaddedRows.Block)
        {
            Vector<double> a = default, b = default, c = default, d = default;
            int start = column;
            for (int row = 0; row < _inputs; row++, start += _stride)
            {
                Vector<double> scale = new(x[row]);
                ReadOnlySpan<double> block = _covariance.AsSpan(start, PaddedRows.Block);
                a = Vector.MultiplyAddEstimate(scale, new Vector<double>(block), a);
                b = Vector.MultiplyAddEstimate(scale, new Vector<double>(block[width..]), b);
                c = Vector.MultiplyAddEstimate(scale, new Vector<double>(block[(2 * width)..]), c);
                d = Vector.MultiplyAddEstimate(scale, new Vector<double>(block[(3 * width)..]), d);
            }

            Span<double> sums = _projected.AsSpan(column, PaddedRows.Block);
            a.CopyTo(sums);
            b.CopyTo(sums[width..]);
            c.CopyTo(sums[(2 * width)..]);
            d.CopyTo(sums[(3 * width)..]);
        }
    }

    // P'' = P/λ − u·uᵀ − v·vᵀ in one pass.
    private void UpdateCovariance()
    {
        int width = Vector<double>.Count;
        Vector<double> grown = new(1 / _forgetting);
        ReadOnlySpan<double> update = _update;
        ReadOnlySpan<double> ridge = _ridge;
        for (int row = 0; row < _inputs; row++)
        {
            Span<double> covariance = Row(_covariance, row);
            Vector<double> u = new(-update[row]);
            Vector<double> v = new(-ridge[row]);
            for (int column = 0; column < covariance.Length; column += width)
            {
                Vector<double> p = new Vector<double>(covariance[column..]) * grown;
                p = Vector.MultiplyAddEstimate(u, new Vector<double>(update[column..]), p);
                p = Vector.MultiplyAddEstimate(v, new Vector<double>(ridge[column..]), p);
                p.CopyTo(covariance[column..]);
            }
        }
    }

    private void ResetCovariance()
    {
        Array.Clear(_covariance);
        for (int input = 0; input < _inputs; input++)
        {
            _covariance[(input * _stride) + input] = 1 / _regularisation;
        }
    }

    private Span<double> Row(double[] rows, int row) => rows.AsSpan(row * _stride, _stride);

    // Without the padding, whose width is the processor's.
    private void SaveRows(StateWriter writer, double[] rows)
    {
        for (int start = 0; start < rows.Length; start += _stride)
        {
            foreach (double value in rows.AsSpan(start, _inputs))
            {
                writer.Write(value);
            }
        }
    }

    private void RestoreRows(ref StateReader reader, double[] rows)
    {
        for (int start = 0; start < rows.Length; start += _stride)
        {
            foreach (ref double value in rows.AsSpan(start, _inputs))
            {
                value = reader.ReadDouble();
            }
        }
    }

    private static void ThrowIfOutside(double value, double lowest, double highest, string name)
    {
        if (!(value >= lowest && value <= highest))
        {
            throw new ArgumentOutOfRangeException(name, value, $"must be {lowest} to {highest}");
        }
    }
}
