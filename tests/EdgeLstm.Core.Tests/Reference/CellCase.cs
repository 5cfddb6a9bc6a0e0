// Every recurrent cell with random weights, as a layer and as its textbook reference.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>One cell of one size.</summary>
/// <param name="Name">Cell and size, for messages.</param>
/// <param name="Create">Makes the layer.</param>
/// <param name="CreateTextbook">Makes a reference with a zero state, whose weights are rounded as the precision says.</param>
internal sealed record CellCase(
    string Name,
    Func<VectorWidth, WeightPrecision, Layer> Create,
    Func<WeightPrecision, Func<double[], double[]>> CreateTextbook)
{
    /// <summary>The six recurrent cells with that many inputs and units.</summary>
    public static IEnumerable<CellCase> All(int inputSize, int hiddenSize)
    {
        string size = $"{inputSize} × {hiddenSize}";
        foreach (bool peepholes in new[] { false, true })
        {
            LstmWeights lstm = RandomWeights.Lstm(inputSize, hiddenSize, peepholes);
            yield return new CellCase(
                $"lstm{(peepholes ? " with peepholes" : "")} {size}",
                (width, precision) => LstmLayer.Create(lstm, width, precision),
                precision => Textbook(Rounded(lstm, precision)));
        }

        foreach (GruReset reset in Enum.GetValues<GruReset>())
        {
            GruWeights gru = RandomWeights.Gru(inputSize, hiddenSize, reset);
            yield return new CellCase(
                $"gru reset {reset} {size}",
                (width, precision) => GruLayer.Create(gru, width, precision),
                precision => Textbook(gru with
                {
                    InputWeights = HeldWeights.Of(gru.InputWeights, gru.InputSize, precision),
                    RecurrentWeights = HeldWeights.Of(gru.RecurrentWeights, gru.HiddenSize, precision),
                }));
        }

        foreach (Activation activation in new[] { Activation.Tanh, Activation.Relu })
        {
            RnnWeights rnn = RandomWeights.Rnn(inputSize, hiddenSize, activation);
            yield return new CellCase(
                $"rnn {activation} {size}",
                (width, precision) => RnnLayer.Create(rnn, width, precision),
                precision => Textbook(rnn with
                {
                    InputWeights = HeldWeights.Of(rnn.InputWeights, rnn.InputSize, precision),
                    RecurrentWeights = HeldWeights.Of(rnn.RecurrentWeights, rnn.HiddenSize, precision),
                }));
        }
    }

    private static LstmWeights Rounded(LstmWeights weights, WeightPrecision precision) => weights with
    {
        InputWeights = HeldWeights.Of(weights.InputWeights, weights.InputSize, precision),
        RecurrentWeights = HeldWeights.Of(weights.RecurrentWeights, weights.HiddenSize, precision),
    };

    private static Func<double[], double[]> Textbook(LstmWeights weights)
    {
        double[] h = new double[weights.HiddenSize];
        double[] c = new double[weights.HiddenSize];
        return x =>
        {
            TextbookCells.StepLstm(weights, x, h, c);
            return h;
        };
    }

    private static Func<double[], double[]> Textbook(GruWeights weights)
    {
        double[] h = new double[weights.HiddenSize];
        return x =>
        {
            TextbookCells.StepGru(weights, x, h);
            return h;
        };
    }

    private static Func<double[], double[]> Textbook(RnnWeights weights)
    {
        double[] h = new double[weights.HiddenSize];
        return x =>
        {
            TextbookCells.StepRnn(weights, x, h);
            return h;
        };
    }
}
