// Forecasts from the state of a recurrent layer whose weights are drawn once and stay; only the heads learn.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Sees the buckets through a gated recurrent layer (GRU) with fixed random weights.</summary>
/// <remarks>
/// <para>
/// An echo state network with gates: the layer is a memory of rich features, the heads on it learn online. Weights are uniform in
/// ±1/√units, as PyTorch begins. Source: Jaeger (2001), "The echo state approach".
/// </para>
/// <para>Not the default: on the recordings it was held against it did no better than <see cref="LaggedForecast"/>.</para>
/// </remarks>
public sealed class NetworkForecast : OnlineForecast
{
    private readonly Network _network;
    private readonly float[] _x = new float[BucketFeatures.Count];
    private readonly float[] _h;
    private readonly float[] _saved;   // the network's state on its way in or out

    /// <param name="settings">Units of the network, horizons, forgetting, ridge.</param>
    /// <param name="seed">Of the weights.</param>
    public NetworkForecast(DetectorSettings settings, int seed)
        : base(settings, settings.NetworkUnits)
    {
        _network = new Network([GruLayer.Create(Draw(settings.NetworkUnits, seed), VectorWidths.Best)]);
        _h = new float[settings.NetworkUnits];
        _saved = new float[_network.StateSize];
    }

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        base.Save(writer);
        _network.ReadState(_saved);
        writer.Write(_saved);
        writer.Write(_x);
    }

    /// <inheritdoc/>
    public override void Restore(ref StateReader reader)
    {
        base.Restore(ref reader);
        reader.Read(_saved);
        reader.Read(_x);
        _network.WriteState(_saved);
    }

    private protected override void Remember(ReadOnlySpan<double> features, Span<double> inputs)
    {
        for (int i = 0; i < BucketFeatures.Count; i++)
        {
            // What is missing is as the bucket before it.
            _x[i] = double.IsFinite(features[i]) ? (float)features[i] : _x[i];
        }

        _network.Step(_x, _h);
        for (int unit = 0; unit < _h.Length; unit++)
        {
            inputs[unit] = _h[unit];
        }
    }

    private static GruWeights Draw(int units, int seed)
    {
        var random = new Random(seed);
        float[] Values(int count)
        {
            float[] values = new float[count];
            for (int i = 0; i < count; i++)
            {
                values[i] = (float)(((2 * random.NextDouble()) - 1) / Math.Sqrt(units));
            }

            return values;
        }

        return new GruWeights(
            "network", BucketFeatures.Count, units, Values(3 * units * BucketFeatures.Count), Values(3 * units * units),
            Values(3 * units), Values(units), GruReset.After);
    }
}
