// Holds an imported network, in double precision, against the outputs of the engine it comes from.

using System.Text.Json;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests;

/// <summary>An array of a reference: <c>{"shape": [T, B, I], "data": [...]}</c>.</summary>
internal sealed record IoArray(int[] Shape, double[] Data)
{
    public static IoArray Of(JsonElement element) => new(
        [.. element.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())],
        [.. element.GetProperty("data").EnumerateArray().Select(value => value.GetDouble())]);
}

/// <summary>Compares step by step.</summary>
internal static class Conformance
{
    /// <summary>Largest allowed |difference| / max(1, |expected|).</summary>
    public const double Tolerance = 1e-5;

    /// <summary>
    /// Steps the network over every sequence of x, from its initial state or <paramref name="state"/>, and compares each output
    /// with y, or the last one where y has no axis of time.
    /// </summary>
    /// <param name="model">The imported network.</param>
    /// <param name="x">[batch, time, I] or [time, batch, I].</param>
    /// <param name="y">The same with O, or [batch, O].</param>
    /// <param name="isBatchFirst">Which of the two.</param>
    /// <param name="state">State of sequence b in the order of the network's state; null: the initial state.</param>
    /// <returns>The largest scaled deviation; asserted to be within the tolerance.</returns>
    public static double AssertEqual(
        ImportedModel model, IoArray x, IoArray y, bool isBatchFirst, Func<int, double[]>? state = null)
    {
        (int batch, int time) = isBatchFirst ? (x.Shape[0], x.Shape[1]) : (x.Shape[1], x.Shape[0]);
        int inputs = x.Shape[^1];
        int outputs = model.OutputSize;
        Assert.Equal(model.InputSize, inputs);
        bool isSequence = y.Data.Length == batch * time * outputs;
        Assert.True(isSequence || y.Data.Length == batch * outputs, $"y has {y.Data.Length} values");
        double worst = 0;
        for (int b = 0; b < batch; b++)
        {
            var network = new ReferenceNetwork(model.Layers);
            if (state is not null)
            {
                network.WriteState(state(b));
            }

            for (int t = 0; t < time; t++)
            {
                int row = isBatchFirst ? (b * time) + t : (t * batch) + b;
                double[] found = network.Step(x.Data[(row * inputs)..((row + 1) * inputs)]);
                if (isSequence || t == time - 1)
                {
                    int at = isSequence ? row : b;
                    worst = Math.Max(worst, Deviation(found, y.Data.AsSpan(at * outputs, outputs)));
                }
            }
        }

        Assert.True(worst <= Tolerance, $"off by {worst:G3} of max(1, |y|); at most {Tolerance:G1}");
        return worst;
    }

    private static double Deviation(double[] found, ReadOnlySpan<double> expected)
    {
        double worst = 0;
        for (int k = 0; k < found.Length; k++)
        {
            double scaled = Math.Abs(found[k] - expected[k]) / Math.Max(1, Math.Abs(expected[k]));
            worst = double.IsNaN(scaled) ? double.PositiveInfinity : Math.Max(worst, scaled);
        }

        return worst;
    }
}
