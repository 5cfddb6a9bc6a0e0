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
    Func<WeightPrecision, TextbookCell> CreateTextbook)
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
                precision => Textbook(Rounded(lstm, precision), HeldWeights.OfHidden(precision, isBounded: true)));
        }

        foreach (GruReset reset in Enum.GetValues<GruReset>())
        {
            GruWeights gru = RandomWeights.Gru(inputSize, hiddenSize, reset);
            yield return new CellCase(
                $"gru reset {reset} {size}",
                (width, precision) => GruLayer.Create(gru, width, precision),
                precision => Textbook(Rounded(gru, precision), HeldWeights.OfHidden(precision, isBounded: true)));
        }

        foreach (Activation activation in new[] { Activation.Tanh, Activation.Relu })
        {
            RnnWeights rnn = RandomWeights.Rnn(inputSize, hiddenSize, activation);
            yield return new CellCase(
                $"rnn {activation} {size}",
                (width, precision) => RnnLayer.Create(rnn, width, precision),
                precision => Textbook(
                    Rounded(rnn, precision), HeldWeights.OfHidden(precision, isBounded: activation != Activation.Relu)));
        }
    }

    private static LstmWeights Rounded(LstmWeights weights, WeightPrecision precision) => weights with
    {
        InputWeights = HeldWeights.Of(weights.InputWeights, weights.InputSize, precision),
        RecurrentWeights = HeldWeights.Of(weights.RecurrentWeights, weights.HiddenSize, precision),
    };

    private static GruWeights Rounded(GruWeights weights, WeightPrecision precision) => weights with
    {
        InputWeights = HeldWeights.Of(weights.InputWeights, weights.InputSize, precision),
        RecurrentWeights = HeldWeights.Of(weights.RecurrentWeights, weights.HiddenSize, precision),
    };

    private static RnnWeights Rounded(RnnWeights weights, WeightPrecision precision) => weights with
    {
        InputWeights = HeldWeights.Of(weights.InputWeights, weights.InputSize, precision),
        RecurrentWeights = HeldWeights.Of(weights.RecurrentWeights, weights.HiddenSize, precision),
    };

    private static TextbookCell Textbook(LstmWeights weights, Func<double, double>? held)
    {
        double[] h = new double[weights.HiddenSize];
        double[] c = new double[weights.HiddenSize];
        return new TextbookCell([h, c], x => TextbookCells.StepLstm(weights, x, h, c, held));
    }

    private static TextbookCell Textbook(GruWeights weights, Func<double, double>? held)
    {
        double[] h = new double[weights.HiddenSize];
        return new TextbookCell([h], x => TextbookCells.StepGru(weights, x, h, held));
    }

    private static TextbookCell Textbook(RnnWeights weights, Func<double, double>? held)
    {
        double[] h = new double[weights.HiddenSize];
        return new TextbookCell([h], x => TextbookCells.StepRnn(weights, x, h, held));
    }
}

/// <summary>A reference cell and its state.</summary>
/// <param name="State">h and, for LSTM, c; replaced by every step.</param>
/// <param name="Advance">One time step.</param>
internal sealed record TextbookCell(double[][] State, Action<double[]> Advance)
{
    /// <summary>One time step; returns h'.</summary>
    public double[] Step(double[] x)
    {
        Advance(x);
        return State[0];
    }

    /// <summary>Goes on from the state of a layer.</summary>
    public void CopyStateOf(Layer layer)
    {
        float[] state = new float[layer.StateSize];
        layer.ReadState(state);
        for (int i = 0; i < state.Length; i++)
        {
            State[i / layer.OutputSize][i % layer.OutputSize] = state[i];
        }
    }
}
