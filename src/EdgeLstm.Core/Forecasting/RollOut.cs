// A forecast of many steps from a model of one:  x(t+1) = f(x(t)),  x(t+2) = f(x(t+1)), …  fed with its own outputs, the carried
// state as it was afterwards.

using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Free-running forecast along a network that is in use. Allocates nothing after construction; not
/// thread-safe.</summary>
/// <remarks>
/// <para>
/// Works with every model that forecasts at least one of its channels one step ahead, with a carried state or over a sliding
/// window, which then slides over its own forecasts. Channels without such an output are held at their current value.
/// </para>
/// <para>
/// Cost of n steps: n − 1 steps of the network and two copies of its state, T times as large for a window of T samples (T = 100
/// and 128 values of state: 50 kB each). Errors feed back: a path of many steps is what the model holds possible rather than a
/// forecast with a known error; its bands have to be learned per step, see <see cref="ConformalBand"/>.
/// </para>
/// </remarks>
public sealed class RollOut
{
    /// <summary>Steps that a forecast runs on for, at most.</summary>
    public const int MaxSteps = 1000;

    private readonly ISequenceModel _network;
    private readonly PhysicalStep _step;
    private readonly int[] _nextOfChannel;
    private readonly float[] _state;
    private readonly int _channels;
    private readonly float[] _y;   // physical units

    /// <param name="manifest">The model's manifest.</param>
    /// <param name="network">The network that is stepped along the stream, that of a <see cref="Forecaster"/> say; used by the
    /// same thread, between its steps.</param>
    /// <param name="head">The head that corrects what the network gives along the stream, and along the path; null for
    /// none.</param>
    /// <exception cref="ArgumentException">No output forecasts a channel one step ahead, or the network is of another
    /// model.</exception>
    public RollOut(ModelManifest manifest, ISequenceModel network, AdaptiveHead? head = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(network);
        if (network.InputSize != manifest.Inputs.Count || network.OutputSize != manifest.Outputs.Count)
        {
            throw new ArgumentException(
                $"the network has {network.InputSize} inputs and {network.OutputSize} outputs; model '{manifest.Name}' has "
                + $"{manifest.Inputs.Count} and {manifest.Outputs.Count}.", nameof(network));
        }

        _network = network;
        if (FindReasonAgainst(manifest) is { } reason)
        {
            throw new ArgumentException($"{reason}.", nameof(manifest));
        }

        _nextOfChannel = manifest.Inputs.ToArray(input => OneStepOutput(manifest, input.Name));
        _step = new PhysicalStep(manifest, network, head);
        _state = new float[network.StateSize];
        _channels = network.InputSize;
        _y = new float[network.OutputSize];
    }

    /// <summary>The outputs that are fed back, −1 for a channel that is held [channels].</summary>
    public ReadOnlySpan<int> OutputOfChannel => _nextOfChannel;

    /// <summary>Why a model cannot run on by itself; null where it can.</summary>
    public static string? FindReasonAgainst(ModelManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        bool canRun = manifest.Task == ModelTask.Forecast
            && manifest.Inputs.Any(input => OneStepOutput(manifest, input.Name) >= 0);
        return canRun
            ? null
            : $"model '{manifest.Name}' cannot run on by itself: it has no point or median output one step ahead; its outputs "
                + $"are: {string.Join(", ", manifest.Outputs.Select(Describe))}";
    }

    /// <summary>The manifest with an output more for each channel that is forecast one step ahead and each of the horizons, save
    /// those that the model forecasts itself; what <see cref="ModelForecaster"/> gives when it runs on.</summary>
    /// <param name="manifest">The model's own.</param>
    /// <param name="horizons">Steps ahead, 2 to <see cref="MaxSteps"/>, each once.</param>
    public static ModelManifest Extend(ModelManifest manifest, IReadOnlyList<int> horizons)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(horizons);
        if (horizons.Count == 0)
        {
            return manifest;
        }

        List<OutputManifest> outputs = [.. manifest.Outputs];
        foreach (InputManifest input in manifest.Inputs.Where(input => OneStepOutput(manifest, input.Name) >= 0))
        {
            foreach (int horizon in horizons)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 2, nameof(horizons));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(horizon, MaxSteps, nameof(horizons));
                if (PointOutput(manifest, input.Name, horizon) < 0)
                {
                    outputs.Add(new OutputManifest(input.Name, input.Unit, horizon, Offset: 0, Scale: 1));
                }
            }
        }

        return manifest with { Outputs = outputs };
    }

    /// <summary>Writes what the channels will be at the next steps if the model is right.</summary>
    /// <param name="values">The sample that the network was last stepped with, physical units, all finite [channels].</param>
    /// <param name="outputs">What it gave, physical units [outputs].</param>
    /// <param name="path">Receives the samples 1, 2, … steps ahead, physical units, step by step [steps, channels]; NaN from the
    /// first one on that is not finite.</param>
    /// <returns>Steps written before that.</returns>
    /// <exception cref="ArgumentException">A length does not fit the model; no state has changed.</exception>
    public int Run(ReadOnlySpan<float> values, ReadOnlySpan<float> outputs, Span<float> path)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, _channels);
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs.Length, _y.Length);
        (int steps, int rest) = Math.DivRem(path.Length, _channels);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rest, 0, nameof(path));
        if (steps == 0)
        {
            return 0;
        }

        _network.ReadState(_state);
        try
        {
            int finite = Walk(values, outputs, path, steps);
            path[(finite * _channels)..].Fill(float.NaN);
            return finite;
        }
        finally
        {
            _network.WriteState(_state);
        }
    }

    private int Walk(ReadOnlySpan<float> values, ReadOnlySpan<float> outputs, Span<float> path, int steps)
    {
        outputs.CopyTo(_y);
        for (int step = 0; step < steps; step++)
        {
            Span<float> next = path.Slice(step * _channels, _channels);
            if (step > 0)
            {
                _step.Run(values, _y);
            }

            if (!TryTakeNext(values, next))
            {
                return step;
            }

            values = next;
        }

        return steps;
    }

    private bool TryTakeNext(ReadOnlySpan<float> values, Span<float> next)
    {
        bool finite = true;
        for (int channel = 0; channel < next.Length; channel++)
        {
            int output = _nextOfChannel[channel];
            next[channel] = output < 0 ? values[channel] : _y[output];
            finite &= float.IsFinite(next[channel]);
        }

        return finite;
    }

    private static int OneStepOutput(ModelManifest manifest, string channel) => PointOutput(manifest, channel, 1);

    private static int PointOutput(ModelManifest manifest, string channel, int horizon)
    {
        for (int i = 0; i < manifest.Outputs.Count; i++)
        {
            OutputManifest output = manifest.Outputs[i];
            if (output.Name == channel && output.Horizon == horizon && output.Quantile is null or 0.5)
            {
                return i;
            }
        }

        return -1;
    }

    private static string Describe(OutputManifest output)
    {
        string text = $"{output.Name} {output.Horizon} step{(output.Horizon == 1 ? "" : "s")} ahead";
        return output.Quantile is double quantile
            ? string.Create(CultureInfo.InvariantCulture, $"{text} (quantile {quantile})")
            : text;
    }
}
