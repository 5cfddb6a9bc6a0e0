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
    private readonly PhysicalStep _step;
    private readonly AdaptiveHead? _head;
    private readonly int _ownOutputs;
    private readonly float[] _last;
    private readonly float[] _saved;   // the network's state on its way in or out
    private readonly MadeForecasts _made;
    private readonly RolledForecasts? _rolled;
    private readonly int[] _outputOfChannel;

    /// <param name="manifest">The model's manifest.</param>
    /// <param name="network">A network of that model, owned by this forecaster from here on.</param>
    /// <param name="extended">The manifest with the outputs of a roll-out behind its own, see <see cref="RollOut.Extend"/>; null
    /// for none.</param>
    /// <param name="head">Goes on learning the network's last layer; null where that stays.</param>
    public Forecaster(
        ModelManifest manifest, ISequenceModel network, ModelManifest? extended = null, AdaptiveHead? head = null)
    {
        extended ??= manifest;
        _manifest = manifest;
        _network = network;
        _head = head;
        _step = new PhysicalStep(manifest, network, head);
        _ownOutputs = network.OutputSize;
        _last = new float[network.InputSize];
        _saved = new float[network.StateSize];
        _made = new MadeForecasts(extended);
        OutputCount = extended.Outputs.Count;
        _rolled = OutputCount > manifest.Outputs.Count ? new RolledForecasts(manifest, extended, network, head) : null;
        _outputOfChannel = manifest.Inputs.ToArray(input => MadeForecasts.NearestOutput(manifest, input.Name));
        Reset();
    }

    /// <summary>Number of input channels.</summary>
    public int ChannelCount => _last.Length;

    /// <summary>Number of outputs, those of the roll-out last.</summary>
    public int OutputCount { get; }

    /// <summary>The point or median output with the shortest horizon for each channel, −1 where the model forecasts none
    /// [channels].</summary>
    public ReadOnlySpan<int> OutputOfChannel => _outputOfChannel;

    /// <summary>True once the network has seen as many samples as the manifest asks for.</summary>
    public bool IsWarm => _made.Steps >= _manifest.WarmUpSamples;

    /// <summary>Steps whose outputs were not finite; the state was reset after each.</summary>
    public long NonFinite { get; private set; }

    /// <summary>What to feed for a channel whose reading is missing: the forecast made for now, else the last value; NaN at the
    /// start.</summary>
    public float Expected(int channel)
    {
        int output = _outputOfChannel[channel];
        float forecast = output < 0 ? float.NaN : _made.Due(output);
        return float.IsFinite(forecast) ? forecast : _last[channel];
    }

    /// <summary>Feeds one sample.</summary>
    /// <param name="values">Physical values, all finite [channels].</param>
    /// <param name="outputs">Receives the outputs made from it, physical units [outputs].</param>
    /// <param name="due">Receives the forecasts that had been made for this sample, NaN where there is none [outputs].</param>
    public void Step(ReadOnlySpan<float> values, Span<float> outputs, Span<float> due)
    {
        _step.Run(values, outputs);
        _head?.Keep();
        bool finite = true;
        foreach (float output in outputs[.._ownOutputs])
        {
            finite &= float.IsFinite(output);
        }

        values.CopyTo(_last);
        if (finite)
        {
            _rolled?.Write(values, outputs);
            _made.Exchange(outputs, due);
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
        _made.Reset();
        _last.AsSpan().Fill(float.NaN);
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        _network.ReadState(_saved);
        writer.Write(_saved);
        writer.Write(_last);
        _made.Save(writer);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for another network, window or other horizons.</exception>
    public void Restore(ref StateReader reader)
    {
        reader.Read(_saved);
        reader.Read(_last);
        _made.Restore(ref reader);

        try
        {
            _network.WriteState(_saved);
        }
        catch (ArgumentException fault)
        {
            throw new FormatException(fault.Message, fault);
        }
    }
}
