// One step of a network in physical units:  standardise → network step → inverse scaling.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Steps a network as its manifest scales it. Allocates nothing after construction.</summary>
internal sealed class PhysicalStep
{
    private readonly ModelManifest _manifest;
    private readonly ISequenceModel _network;
    private readonly AdaptiveHead? _head;
    private readonly int[] _relativeChannel;
    private readonly float[] _x;
    private readonly float[] _y;

    /// <param name="manifest">The model's manifest.</param>
    /// <param name="network">A network of that model.</param>
    /// <param name="head">Corrects what the network gives; null for nothing.</param>
    public PhysicalStep(ModelManifest manifest, ISequenceModel network, AdaptiveHead? head)
    {
        _manifest = manifest;
        _network = network;
        _head = head;
        _relativeChannel = manifest.Outputs.ToArray(output => manifest.IndexOfInput(output.RelativeTo));
        _x = new float[network.InputSize];
        _y = new float[network.OutputSize];
    }

    /// <summary>Feeds one sample.</summary>
    /// <param name="values">Physical values, all finite [channels].</param>
    /// <param name="outputs">Receives what the network gives, physical units [outputs of the network].</param>
    public void Run(ReadOnlySpan<float> values, Span<float> outputs)
    {
        for (int channel = 0; channel < _x.Length; channel++)
        {
            _x[channel] = _manifest.Inputs[channel].Standardize(values[channel]);
        }

        _network.Step(_x, _y);
        _head?.Correct(_network.HeadInput, _y);
        for (int output = 0; output < _y.Length; output++)
        {
            int channel = _relativeChannel[output];
            outputs[output] = _manifest.Outputs[output].ToPhysical(_y[output], channel < 0 ? 0 : values[channel]);
        }
    }
}
