// Models so small that their outputs can be worked out by hand: one dense or one plain recurrent layer.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Forecasting;

internal static class TinyModel
{
    /// <summary>A manifest of these channels and outputs; layers are those of <see cref="Dense"/> or
    /// <see cref="Leaky"/>.</summary>
    public static ModelManifest Manifest(InputManifest[] inputs, OutputManifest[] outputs, int warmUp = 1) => new(
        1, "tiny", ModelTask.Forecast, 1000, warmUp, inputs,
        [new LayerManifest("head", LayerKind.Dense, inputs.Length, outputs.Length, Activation: Activation.Linear)],
        outputs, new GoldenManifest(1e-5),
            new ProvenanceManifest("by hand", new string('0', 64), "TinyModel", "1", "2026-11-21"));

    /// <summary>A channel whose network input is the physical value itself.</summary>
    public static InputManifest Plain(string name) => new(name, "1", 0, 1);

    /// <summary>An output that is the network's number itself.</summary>
    public static OutputManifest Plain(string name, int horizon, ResidualManifest? residuals = null) =>
        new(name, "1", horizon, 0, 1, Residuals: residuals);

    /// <summary>y = W·x + b.</summary>
    public static Network Dense(int inputs, int outputs, float[] weights, float[] bias) =>
        new([DenseLayer.Create(new DenseWeights("head", inputs, outputs, weights, bias, Activation.Linear),
            VectorWidth.Bits128)]);

    /// <summary>One unit h ← max(x + decay·h, 0) and a head that repeats it for each output.</summary>
    public static Network Leaky(float decay, int outputs) => new(
    [
        RnnLayer.Create(new RnnWeights("rnn0", 1, 1, [1], [decay], [0], Activation.Relu), VectorWidth.Bits128),
        DenseLayer.Create(
            new DenseWeights("head", 1, outputs, [.. Enumerable.Repeat(1f, outputs)], new float[outputs], Activation.Linear),
            VectorWidth.Bits128),
    ]);

    /// <summary>Says at every step that all its outputs will be what its one channel is now.</summary>
    public static Forecaster Repeating(params int[] horizons) => new(
        Manifest([Plain("t")], [.. horizons.Select(horizon => Plain("t", horizon))]),
        Dense(1, horizons.Length, [.. horizons.Select(_ => 1f)], new float[horizons.Length]));
}
