// Steps the imported network over reference inputs and finds where it is off its source the most:
// |found − expected| / max(1, |expected|), by the kernels and by the network in double precision.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Trust;

/// <summary>How far a network is off given outputs, and where the most.</summary>
/// <param name="MaxAbsolute">Greatest |found − expected|.</param>
/// <param name="MaxScaled">Greatest |found − expected| / max(1, |expected|); infinite where an output is no number.</param>
/// <param name="Sequence">The sequence of <paramref name="MaxScaled"/>, from 0.</param>
/// <param name="Step">The step, from 0.</param>
/// <param name="Output">The output, from 0.</param>
/// <param name="Found">What the network gave there.</param>
/// <param name="Expected">What the file says.</param>
public sealed record ReplayDeviation(
    double MaxAbsolute, double MaxScaled, int Sequence, int Step, int Output, double Found, double Expected)
{
    internal static ReplayDeviation None { get; } = new(0, -1, 0, 0, 0, 0, 0);

    internal ReplayDeviation Or(int sequence, int step, int output, double found, double expected)
    {
        double absolute = Math.Abs(found - expected);
        absolute = double.IsNaN(absolute) ? double.PositiveInfinity : absolute;
        double scaled = absolute / Math.Max(1, Math.Abs(expected));
        double maxAbsolute = Math.Max(absolute, MaxAbsolute);
        return scaled > MaxScaled
            ? new ReplayDeviation(maxAbsolute, scaled, sequence, step, output, found, expected)
            : maxAbsolute > MaxAbsolute ? this with { MaxAbsolute = maxAbsolute } : this;
    }
}

/// <summary>The outcome of a replay.</summary>
/// <param name="Path">The file of inputs and outputs.</param>
/// <param name="Reading">What was compared, in words.</param>
/// <param name="Kernel">How far the network that will run is off.</param>
/// <param name="Reference">How far the network in double precision is off.</param>
/// <param name="Windows">Length of the sequences, where they are several, equally long and with one output each.</param>
public sealed record ReplayResult(
    string Path, string Reading, ReplayDeviation Kernel, ReplayDeviation Reference, int? Windows);

/// <summary>Compares an imported network with what its source computed.</summary>
/// <remarks>
/// A file may leave open which axis is time, whether the samples are physical values or those the network reads, and whether a
/// network now run on windows was run over the whole sequence. All are tried, the likeliest first, by the network in double
/// precision; the first that fits is taken and named. That cannot make a wrong import look right: it would have to agree
/// within the tolerance everywhere.
/// </remarks>
internal sealed class Replay
{
    /// <summary>Largest allowed |difference| / max(1, |expected|), unless the person allows another.</summary>
    public const double DefaultTolerance = 1e-4;

    private const int MaxWarnings = 4;

    private readonly ImportedModel _imported;
    private readonly ModelManifest _manifest;
    private readonly double _tolerance;
    private readonly ReferenceNetwork _reference;

    public Replay(ImportedModel imported, ModelManifest manifest, double tolerance = DefaultTolerance)
    {
        _imported = imported;
        _manifest = manifest;
        _tolerance = tolerance;
        _reference = new ReferenceNetwork(imported.Layers);
    }

    /// <summary>Compares.</summary>
    /// <param name="file">The reference.</param>
    /// <param name="createNetwork">
    /// Makes the network that will run; of a model with a window, called with true, the same network with its state carried on.
    /// </param>
    /// <exception cref="ModelFileException">The file does not fit the network, or the outputs do not agree.</exception>
    public ReplayResult Run(IoFile file, Func<bool, ISequenceModel> createNetwork)
    {
        (ReplayReading reading, ReplayDeviation reference) = FindReading(file);
        Require(file, reading, reference);
        ReplayDeviation kernel = Measure(reading, createNetwork(reading.IsCarried));
        Require(file, reading, kernel);
        return new ReplayResult(file.Path, reading.Text, kernel, reference, reading.Cut.WindowLength);
    }

    private (ReplayReading Reading, ReplayDeviation Deviation) FindReading(IoFile file)
    {
        (ReplayReading Reading, ReplayDeviation Deviation)? best = null;
        foreach (ReplayReading reading in ReplayReading.All(IoCutter.Cut(file, _imported), _manifest))
        {
            ReplayDeviation deviation = Measure(reading);
            if (best is null || deviation.MaxScaled < best.Value.Deviation.MaxScaled)
            {
                best = (reading, deviation);
            }

            if (deviation.MaxScaled <= _tolerance)
            {
                break;
            }
        }

        return best!.Value;
    }

    private void Require(IoFile file, ReplayReading reading, ReplayDeviation worst)
    {
        if (worst.MaxScaled <= _tolerance)
        {
            return;
        }

        string name = _manifest.Outputs[worst.Output].Name;
        throw ModelFileException.In(file.Path, FormattableString.Invariant(
            $"step {worst.Step} of sequence {worst.Sequence}: output {worst.Output} ('{name}') is {worst.Found:G9}; ")
            + FormattableString.Invariant($"expected {worst.Expected:G9} within {_tolerance:0.######}, ")
            + FormattableString.Invariant($"off by {worst.MaxScaled:G3} ({reading.Text}). Nothing is written. ")
            + "Check that inputs and outputs are of these weights, from a fresh state and with dropout off (eval mode); weights "
            + "kept in float16 need --io-tolerance 0.001"
            + string.Concat(_imported.Warnings.Take(MaxWarnings).Select(warning => $"; {warning}")));
    }

    private ReplayDeviation Measure(ReplayReading reading)
    {
        var worst = ReplayDeviation.None;
        for (int s = 0; s < reading.Cut.Sequences.Count; s++)
        {
            (double[][] x, double[][] y, IReadOnlyList<double[]>? states) = reading.Take(s);
            double[][] found = states is null ? _reference.Run(x, reading.Window) : RunFrom(states, x);
            worst = Compare(worst, s, found, y);
        }

        return worst;
    }

    private double[][] RunFrom(IReadOnlyList<double[]> states, double[][] x)
    {
        _reference.ResetState();
        double[] state = _reference.ReadState();
        IoState.Lay(_imported, states, IoState.Sizes(_imported), state.AsSpan(), value => value);
        _reference.WriteState(state);
        return [.. x.Select(_reference.Step)];
    }

    private ReplayDeviation Measure(ReplayReading reading, ISequenceModel network)
    {
        var worst = ReplayDeviation.None;
        float[] sample = new float[network.InputSize];
        float[] answer = new float[network.OutputSize];
        for (int s = 0; s < reading.Cut.Sequences.Count; s++)
        {
            (double[][] x, double[][] y, IReadOnlyList<double[]>? states) = reading.Take(s);
            network.ResetState();
            if (states is not null)
            {
                float[] state = new float[network.StateSize];
                network.ReadState(state);
                int[] sizes = network.Layers.ToArray(layer => layer.StateSize);
                IoState.Lay(_imported, states, sizes, state.AsSpan(), value => (float)value);
                network.WriteState(state);
            }

            double[][] found = new double[x.Length][];
            for (int t = 0; t < x.Length; t++)
            {
                Array.ConvertAll(x[t], value => (float)value).CopyTo(sample, 0);
                network.Step(sample, answer);
                found[t] = Array.ConvertAll(answer, value => (double)value);
            }

            worst = Compare(worst, s, found, y);
        }

        return worst;
    }

    private static ReplayDeviation Compare(ReplayDeviation worst, int sequence, double[][] found, double[][] expected)
    {
        int first = found.Length - expected.Length;
        for (int t = 0; t < expected.Length; t++)
        {
            for (int k = 0; k < expected[t].Length; k++)
            {
                worst = worst.Or(sequence, first + t, k, found[first + t][k], expected[t][k]);
            }
        }

        return worst;
    }
}
