// A model's dense head that goes on learning:  y' = y + Δ·[h, 1],  Δ by recursive least squares on what y missed, held to 0 by a
// ridge; the recurrent layers stay.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>The shipped head of a model and an adapted one beside it; the better of the two is published, output by output.
/// Allocates nothing after construction.</summary>
/// <remarks>
/// <para>
/// Learned is the correction Δ of weights and bias in the network's own units, with forgetting. Its ridge holds Δ to 0: the
/// adapted head is the shipped one wherever the samples say nothing else, and returns to it.
/// </para>
/// <para>
/// Only confirmed-normal samples teach. A forecast is learned from <see cref="ConfirmSamples"/> samples after the last of its
/// targets, if it was made warm and from a measured sample, its target was measured and scored below a stated threshold, and
/// from its origin until then no score reached the threshold and no alarm was raised. So a fault that takes some samples to be
/// noticed is not learned as the new normal; one that lasts unnoticed is.
/// </para>
/// <para>
/// Point forecasts adapt; quantiles, medians among them, stay as trained, for least squares learn means. What is published is
/// decided by <see cref="HeadContest"/>; but from an outlier, and while an alarm is raised, it is the shipped head, as what was
/// learned from normal samples says nothing of others. Bounded: see <see cref="RecursiveLeastSquares"/> for the covariance; a
/// head with a weight beyond <see cref="WeightLimit"/> begins anew. Memory: 8·(h + 1)² bytes, h values the head reads, and some
/// 4·h for each of the longest horizon's samples.
/// </para>
/// </remarks>
public sealed class AdaptiveHead
{
    /// <summary>Fewest samples that can be remembered: forgetting is at most 1 % a sample.</summary>
    public const int LeastMemory = 100;

    /// <summary>Most samples that can be remembered.</summary>
    public const int MostMemory = 1_000_000;

    /// <summary>Samples that must pass without an outlier after the last target of a forecast that is learned from.</summary>
    public const int ConfirmSamples = 16;

    /// <summary>Greatest correction of one weight, in the network's units.</summary>
    public const double WeightLimit = 100;

    // The sum of h² over the memory below which a weight stays as shipped: of a unit about 0.12 from 0, 2000 samples. Tried on
    // the recording of models/recordings with a sensor that grows slow: 10 follows it a little faster, 1000 hardly.
    private const double Ridge = 30;
    private const float Yes = 1;

    private readonly RecursiveLeastSquares _squares;
    private readonly HeadOutput[] _outputs;
    private readonly HeadContest?[] _contests;   // [outputs of the network]
    private readonly int _delay;                 // from a forecast to when it is learned from
    private readonly int _slots;
    private readonly double[] _x;                // [h, 1]

    // Rings of the latest samples; the slot after the newest is where the next forecasts are made.
    private readonly float[][] _hidden;
    private readonly float[][] _values;
    private readonly float[][] _shipped;
    private readonly float[][] _adapted;
    private readonly float[] _isOrigin;
    private readonly float[] _isNormal;
    private long _samples;
    private long _sinceOutlier;

    /// <param name="manifest">The model's own manifest, with nothing against it (<see cref="FindReasonAgainst"/>).</param>
    /// <param name="memorySamples">Samples that are remembered, <see cref="LeastMemory"/> to <see cref="MostMemory"/>.</param>
    /// <exception cref="ArgumentException">The model cannot adapt, or the memory lies outside.</exception>
    public AdaptiveHead(ModelManifest manifest, int memorySamples)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentOutOfRangeException.ThrowIfLessThan(memorySamples, LeastMemory);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(memorySamples, MostMemory);
        if (FindReasonAgainst(manifest) is { } reason)
        {
            throw new ArgumentException(reason, nameof(manifest));
        }

        _outputs = FindOutputs(manifest);
        int longest = 0;
        _contests = new HeadContest?[manifest.Outputs.Count];
        foreach (HeadOutput output in _outputs)
        {
            longest = Math.Max(longest, output.Horizon);
            _contests[output.Index] = output.Contest;
        }

        int inputs = manifest.Layers[^1].InputSize + 1;
        _squares = new RecursiveLeastSquares(inputs, 1 - (1.0 / memorySamples), Ridge, new int[_outputs.Length]);
        _delay = longest + ConfirmSamples;
        _slots = _delay + 2;
        _x = new double[inputs];
        _x[^1] = 1;
        _hidden = Rows(_slots, inputs - 1);
        _values = Rows(_slots, manifest.Inputs.Count);
        _shipped = Rows(_slots, _outputs.Length);
        _adapted = Rows(_slots, _outputs.Length);
        _isOrigin = new float[_slots];
        _isNormal = new float[_slots];
    }

    /// <summary>Forecasts that were learned from.</summary>
    public long Learned { get; private set; }

    /// <summary>Times the adapted head of an output began anew, as it had lost clearly or left its bounds.</summary>
    public long Resets { get; private set; }

    /// <summary>How the heads of an output compare; null where it does not adapt.</summary>
    /// <param name="output">Index of an output of the model; those of a roll-out do not adapt by themselves.</param>
    public HeadContest? ContestOf(int output) => output < _contests.Length ? _contests[output] : null;

    /// <summary>Why the head of a model cannot adapt; null where it can.</summary>
    public static string? FindReasonAgainst(ModelManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        LayerManifest head = manifest.Layers[^1];
        if (manifest.Layers.Count < 2 || head.Kind != LayerKind.Dense || head.Activation != Activation.Linear)
        {
            return $"model '{manifest.Name}' has no linear dense layer behind its others, which alone goes on learning; its last "
                + $"is {LayerKinds.WithArticle(head.Kind)} layer with activation "
                + $"'{head.Activation?.ToString().ToLowerInvariant() ?? "tanh"}'";
        }

        if (head.InputSize >= RecursiveLeastSquares.MaxInputs)
        {
            return $"the last layer of model '{manifest.Name}' reads {head.InputSize} values; at most "
                + $"{RecursiveLeastSquares.MaxInputs - 1} are learned from";
        }

        return FindOutputs(manifest).Length > 0
            ? null
            : $"model '{manifest.Name}' has no point forecast of a channel up to {RecursiveLeastSquares.MaxDelay} samples ahead: "
                + "quantiles stay as they were trained, for least squares learn means";
    }

    /// <summary>Puts the adapted forecasts in the place of the shipped ones where they are better.</summary>
    /// <param name="hidden">What the network's last layer read [h].</param>
    /// <param name="y">What the network gave, network units [outputs of the network].</param>
    internal void Correct(ReadOnlySpan<float> hidden, Span<float> y)
    {
        int slot = (int)(_samples % _slots);
        hidden.CopyTo(_hidden[slot]);
        for (int k = 0; k < _outputs.Length; k++)
        {
            ref float published = ref y[_outputs[k].Index];
            float shipped = published;
            float adapted = shipped + (float)Correction(_squares.Weights(k), hidden);
            (_shipped[slot][k], _adapted[slot][k]) = (shipped, adapted);
            if (_outputs[k].Contest.IsAdapted && _sinceOutlier > 0 && float.IsFinite(adapted))   // else the shipped one
            {
                published = adapted;
            }
        }
    }

    /// <summary>Keeps the forecasts made last as those that are published; before any that run on from them.</summary>
    internal void Keep() => _samples++;

    /// <summary>Takes the sample that the forecasts kept last were made from, and compares those that were made for it.</summary>
    /// <param name="values">The sample in physical units, NaN where a channel was missing [channels].</param>
    /// <param name="isOrigin">Whether forecasts made from it are to be trusted: all of it measured, the network warm.</param>
    internal void Take(ReadOnlySpan<float> values, bool isOrigin)
    {
        int slot = (int)((_samples - 1) % _slots);
        values.CopyTo(_values[slot]);
        _isOrigin[slot] = isOrigin ? Yes : 0;
        _isNormal[slot] = 0;
        for (int k = 0; k < _outputs.Length; k++)
        {
            long origin = _samples - 1 - _outputs[k].Horizon;
            if (origin >= 0 && _isOrigin[origin % _slots] == Yes)
            {
                Compare(k, (int)(origin % _slots), slot);
            }
        }
    }

    /// <summary>Says how the sample taken last was judged, and learns from the forecast that this confirms.</summary>
    /// <param name="score">Its score; NaN where there is none.</param>
    /// <param name="threshold">The score at which an alarm begins; +∞ while none can be stated.</param>
    /// <param name="isRaised">Whether an alarm is raised.</param>
    public void Judge(double score, double threshold, bool isRaised)
    {
        bool isOutlier = isRaised || score >= threshold;
        _sinceOutlier = isOutlier ? 0 : _sinceOutlier + 1;
        _isNormal[(_samples - 1) % _slots] = !isOutlier && score < threshold && double.IsFinite(threshold) ? Yes : 0;
        long origin = _samples - 1 - _delay;
        if (origin >= 0 && _sinceOutlier > _delay && _isOrigin[origin % _slots] == Yes)
        {
            Learn(origin);
        }
    }

    /// <summary>A gap: nothing is learned or compared across it; what was learned stays.</summary>
    internal void Forget()
    {
        Array.Clear(_isOrigin);
        Array.Clear(_isNormal);
    }

    /// <summary>Appends the state.</summary>
    internal void Save(StateWriter writer)
    {
        writer.Write(_samples);
        writer.Write(_sinceOutlier);
        writer.Write(Learned);
        writer.Write(Resets);
        _squares.Save(writer);
        foreach (HeadOutput output in _outputs)
        {
            output.Contest.Save(writer);
        }

        writer.Write(_isOrigin);
        writer.Write(_isNormal);
        for (int slot = 0; slot < _slots; slot++)
        {
            writer.Write(_hidden[slot]);
            writer.Write(_values[slot]);
            writer.Write(_shipped[slot]);
            writer.Write(_adapted[slot]);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for another head or other horizons.</exception>
    internal void Restore(ref StateReader reader)
    {
        _samples = Math.Max(0, reader.ReadInt64());
        _sinceOutlier = Math.Max(0, reader.ReadInt64());
        Learned = reader.ReadInt64();
        Resets = reader.ReadInt64();
        _squares.Restore(ref reader);
        foreach (HeadOutput output in _outputs)
        {
            output.Contest.Restore(ref reader);
        }

        reader.Read(_isOrigin);
        reader.Read(_isNormal);
        for (int slot = 0; slot < _slots; slot++)
        {
            reader.Read(_hidden[slot]);
            reader.Read(_values[slot]);
            reader.Read(_shipped[slot]);
            reader.Read(_adapted[slot]);
        }
    }

    /// <summary>Teaches an output's head nonsense, for tests.</summary>
    internal void Spoil(int output, double weight) =>
        _squares.SetWeights(Array.FindIndex(_outputs, of => of.Index == output), weight);

    private void Compare(int k, int origin, int target)
    {
        double value = Target(k, origin, target);
        double shipped = value - _shipped[origin][k];
        if (double.IsFinite(shipped) && !_outputs[k].Contest.Compare(shipped, value - _adapted[origin][k]))
        {
            Begin(k);
        }
    }

    private void Learn(long sample)
    {
        int origin = (int)(sample % _slots);
        float[] hidden = _hidden[origin];
        for (int i = 0; i < hidden.Length; i++)
        {
            _x[i] = hidden[i];
        }

        _squares.Advance(_x);
        bool learns = false;
        for (int k = 0; k < _outputs.Length; k++)
        {
            int target = (int)((sample + _outputs[k].Horizon) % _slots);
            double missed = _isNormal[target] == Yes ? Target(k, origin, target) - _shipped[origin][k] : double.NaN;
            learns |= !double.IsNaN(_squares.Learn(k, missed));
            if (!IsBounded(_squares.Weights(k)))
            {
                Begin(k);
            }
        }

        Learned += learns ? 1 : 0;
    }

    // What the network should have given at one sample for another; NaN where a value is missing.
    private double Target(int k, int origin, int target)
    {
        HeadOutput output = _outputs[k];
        double from = output.RelativeChannel < 0 ? 0 : _values[origin][output.RelativeChannel];
        return (_values[target][output.Channel] - from - output.Offset) * output.Scale;
    }

    private void Begin(int k)
    {
        _squares.Clear(k);
        _outputs[k].Contest.Begin();
        Resets++;
        for (int slot = 0; slot < _slots; slot++)
        {
            // What was forecast by the one that lost is not held against the next.
            _adapted[slot][k] = _shipped[slot][k];
        }
    }

    private static double Correction(ReadOnlySpan<double> weights, ReadOnlySpan<float> hidden)
    {
        double sum = weights[^1];
        for (int i = 0; i < hidden.Length; i++)
        {
            sum += weights[i] * hidden[i];
        }

        return sum;
    }

    private static bool IsBounded(ReadOnlySpan<double> weights)
    {
        foreach (double weight in weights)
        {
            if (!(Math.Abs(weight) <= WeightLimit))
            {
                return false;
            }
        }

        return true;
    }

    private static HeadOutput[] FindOutputs(ModelManifest manifest)
    {
        List<HeadOutput> found = [];
        for (int i = 0; i < manifest.Outputs.Count && manifest.Task == ModelTask.Forecast; i++)
        {
            OutputManifest output = manifest.Outputs[i];
            int channel = manifest.IndexOfInput(output.Name);
            if (channel >= 0 && output.Quantile is null && output.Horizon <= RecursiveLeastSquares.MaxDelay)
            {
                found.Add(new HeadOutput(i, channel, manifest.IndexOfInput(output.RelativeTo), output));
            }
        }

        return [.. found];
    }

    private static float[][] Rows(int count, int length)
    {
        float[][] rows = new float[count][];
        for (int row = 0; row < count; row++)
        {
            rows[row] = new float[length];
        }

        return rows;
    }

    // An output that adapts: which it is, which channel it foretells and is relative to (−1: none), how it is scaled.
    private sealed class HeadOutput(int index, int channel, int relativeChannel, OutputManifest output)
    {
        public int Index => index;
        public int Channel => channel;
        public int RelativeChannel => relativeChannel;
        public int Horizon { get; } = output.Horizon;
        public double Offset { get; } = output.Offset;
        public double Scale { get; } = output.Scale;
        public HeadContest Contest { get; } = new(output.Scale);
    }
}
