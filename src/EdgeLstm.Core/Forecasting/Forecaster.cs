// One step of a model in physical units:  standardise → network step → inverse scaling,  and the memory of which forecast was for
// when.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Carries a network along a stream. Allocates nothing after construction; not thread-safe.</summary>
public sealed class Forecaster
{
    private readonly ModelManifest _manifest;
    private readonly ISequenceModel _network;
    private readonly float[] _x;
    private readonly float[] _y;
    private readonly float[] _last;
    private readonly int[] _relativeChannel;
    private readonly float[][] _made;
    private readonly int[] _outputOfChannel;
    private long _steps;

    /// <param name="manifest">The model's manifest.</param>
    /// <param name="network">A network of that model, owned by this forecaster from here on.</param>
    public Forecaster(ModelManifest manifest, ISequenceModel network)
    {
        _manifest = manifest;
        _network = network;
        _x = new float[network.InputSize];
        _y = new float[network.OutputSize];
        _last = new float[network.InputSize];
        _relativeChannel = manifest.Outputs.ToArray(output => manifest.IndexOfInput(output.RelativeTo));
        _made = [.. manifest.Outputs.Select(output => new float[output.Horizon])];
        _outputOfChannel = manifest.Inputs.ToArray(input => NearestOutput(manifest, input.Name));
        Reset();
    }

    /// <summary>Number of input channels.</summary>
    public int ChannelCount => _x.Length;

    /// <summary>Number of outputs.</summary>
    public int OutputCount => _y.Length;

    /// <summary>The point or median output with the shortest horizon for each channel, −1 where the model forecasts none
    /// [channels].</summary>
    public ReadOnlySpan<int> OutputOfChannel => _outputOfChannel;

    /// <summary>True once the network has seen as many samples as the manifest asks for.</summary>
    public bool IsWarm => _steps >= _manifest.WarmUpSamples;

    /// <summary>True where the forecasts due for the next sample, made <paramref name="horizon"/> samples before it, came from a
    /// warm network.</summary>
    public bool WasWarm(int horizon) => _steps + 1 - horizon >= _manifest.WarmUpSamples;

    /// <summary>Steps whose outputs were not finite; the state was reset after each.</summary>
    public long NonFinite { get; private set; }

    /// <summary>What to feed for a channel whose reading is missing: the forecast made for now, else the last value; NaN at the
    /// start.</summary>
    public float Expected(int channel)
    {
        int output = _outputOfChannel[channel];
        float forecast = output < 0 ? float.NaN : Due(output);
        return float.IsFinite(forecast) ? forecast : _last[channel];
    }

    /// <summary>Feeds one sample.</summary>
    /// <param name="values">Physical values, all finite [channels].</param>
    /// <param name="outputs">Receives the outputs made from it, physical units [outputs].</param>
    /// <param name="due">Receives the forecasts that had been made for this sample, NaN where there is none [outputs].</param>
    public void Step(ReadOnlySpan<float> values, Span<float> outputs, Span<float> due)
    {
        for (int channel = 0; channel < _x.Length; channel++)
        {
            _x[channel] = _manifest.Inputs[channel].Standardize(values[channel]);
        }

        _network.Step(_x, _y);
        bool finite = true;
        for (int output = 0; output < _y.Length; output++)
        {
            int channel = _relativeChannel[output];
            outputs[output] = _manifest.Outputs[output].ToPhysical(_y[output], channel < 0 ? 0 : values[channel]);
            finite &= float.IsFinite(outputs[output]);
        }

        values.CopyTo(_last);
        if (finite)
        {
            Remember(outputs, due);
            return;
        }

        NonFinite++;
        due.Fill(float.NaN);
        outputs.Fill(float.NaN);
        Reset();
    }

    /// <summary>Forgets everything: zero state, no forecasts made, warming again.</summary>
    public void Reset()
    {
        _network.ResetState();
        _steps = 0;
        _last.AsSpan().Fill(float.NaN);
        foreach (float[] made in _made)
        {
            made.AsSpan().Fill(float.NaN);
        }
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        float[] state = new float[_network.StateSize];
        _network.ReadState(state);
        writer.Write(state);
        writer.Write(_last);
        writer.Write(_steps);
        foreach (float[] made in _made)
        {
            writer.Write(made);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for another network, window or other horizons.</exception>
    public void Restore(ref StateReader reader)
    {
        float[] state = new float[_network.StateSize];
        reader.Read(state);
        reader.Read(_last);
        _steps = reader.ReadInt64();
        foreach (float[] made in _made)
        {
            reader.Read(made);
        }

        try
        {
            _network.WriteState(state);
        }
        catch (ArgumentException fault)
        {
            throw new FormatException(fault.Message, fault);
        }
    }

    private float Due(int output)
    {
        float[] made = _made[output];
        return made.Length == 0 ? float.NaN : made[_steps % made.Length];
    }

    // A forecast for h samples ahead lies in a ring of h: the slot about to be overwritten holds the one made for this sample.
    private void Remember(ReadOnlySpan<float> outputs, Span<float> due)
    {
        for (int output = 0; output < _made.Length; output++)
        {
            float[] made = _made[output];
            if (made.Length == 0)
            {
                due[output] = outputs[output];
                continue;
            }

            ref float slot = ref made[_steps % made.Length];
            due[output] = slot;
            slot = outputs[output];
        }

        _steps++;
    }

    private static int NearestOutput(ModelManifest manifest, string channel)
    {
        int nearest = -1;
        for (int i = 0; i < manifest.Outputs.Count; i++)
        {
            OutputManifest output = manifest.Outputs[i];
            if (output.Name == channel && output.Quantile is null or 0.5
                && (nearest < 0 || output.Horizon < manifest.Outputs[nearest].Horizon))
            {
                nearest = i;
            }
        }

        return nearest;
    }
}
