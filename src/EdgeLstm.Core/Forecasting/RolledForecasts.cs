// The outputs that a roll-out adds to a model's own:  own [0, n), rolled [n, m), each the path's value of a channel at a horizon.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Runs a model on after each of its steps and picks the horizons asked for. Allocates nothing after
/// construction.</summary>
internal sealed class RolledForecasts
{
    private readonly RollOut _rollOut;
    private readonly int _own;
    private readonly int[] _places;   // in the path [outputs that are rolled]
    private readonly float[] _path;   // [steps, channels]

    /// <param name="own">The model's manifest.</param>
    /// <param name="extended">What <see cref="RollOut.Extend"/> made of it, with more outputs.</param>
    /// <param name="network">The network that is stepped along the stream.</param>
    /// <param name="head">Corrects what it gives; null for nothing.</param>
    public RolledForecasts(ModelManifest own, ModelManifest extended, ISequenceModel network, AdaptiveHead? head)
    {
        _rollOut = new RollOut(own, network, head);
        _own = own.Outputs.Count;
        int channels = own.Inputs.Count;
        _places = new int[extended.Outputs.Count - _own];
        int longest = 1;
        for (int i = 0; i < _places.Length; i++)
        {
            OutputManifest output = extended.Outputs[_own + i];
            _places[i] = ((output.Horizon - 1) * channels) + extended.IndexOfInput(output.Name);
            longest = Math.Max(longest, output.Horizon);
        }

        _path = new float[longest * channels];
    }

    /// <summary>Writes the outputs behind the model's own; NaN from where the path is not finite any more.</summary>
    /// <param name="values">The sample the network was stepped with, physical units [channels].</param>
    /// <param name="outputs">The model's own outputs, finite, and room for the others [all outputs].</param>
    public void Write(ReadOnlySpan<float> values, Span<float> outputs)
    {
        _rollOut.Run(values, outputs[.._own], _path);
        for (int i = 0; i < _places.Length; i++)
        {
            outputs[_own + i] = _path[_places[i]];
        }
    }
}
