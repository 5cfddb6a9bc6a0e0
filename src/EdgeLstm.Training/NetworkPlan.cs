// The network to be trained: cell, layers, units, heads.

using EdgeLstm.Core.Layers;
using EdgeLstm.Training.Layers;

namespace EdgeLstm.Training;

/// <summary>Recurrent cells that can be trained.</summary>
public enum CellKind
{
    /// <summary>Long short-term memory.</summary>
    Lstm,

    /// <summary>Long short-term memory whose gates see the cell.</summary>
    LstmPeepholes,

    /// <summary>Gated recurrent unit, the reset gate after the product with R: as PyTorch and Keras have it.</summary>
    Gru,

    /// <summary>Gated recurrent unit, the reset gate before that product: as Cho et al. (2014) have it.</summary>
    GruResetBefore,

    /// <summary>Vanilla, tanh.</summary>
    Rnn,

    /// <summary>Vanilla, relu.</summary>
    RnnRelu,
}

/// <summary>A stack of recurrent layers and a dense head.</summary>
/// <param name="Cell">The cell of every recurrent layer.</param>
/// <param name="Layers">Recurrent layers, 1 to 8.</param>
/// <param name="HiddenSize">Units of each, 1 to 1024.</param>
/// <param name="HeadSizes">Units of dense layers of relu before the linear one; empty for none.</param>
/// <param name="Dropout">Share of values dropped between recurrent layers while training, 0 to below 1.</param>
public sealed record NetworkPlan(CellKind Cell, int Layers, int HiddenSize, IReadOnlyList<int> HeadSizes, double Dropout)
{
    /// <summary>Rows that the units of cells with gates remember at first, each from 1 to so many (2 to 1,000,000); 0 for the
    /// usual start.</summary>
    public int MemoryRows { get; init; }

    private bool HasGates => Cell is not (CellKind.Rnn or CellKind.RnnRelu);

    /// <summary>Every broken rule.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        void Require(bool holds, string name, string rule, double value)
        {
            if (!holds)
            {
                problems.Add(FormattableString.Invariant($"{name}: must be {rule}; got {value}"));
            }
        }

        Require(Layers is >= 1 and <= 8, nameof(Layers), "1 to 8", Layers);
        Require(HiddenSize is >= 1 and <= 1024, nameof(HiddenSize), "1 to 1024", HiddenSize);
        Require(Dropout is >= 0 and < 1, nameof(Dropout), "at least 0 and below 1", Dropout);
        Require(MemoryRows is 0 or (>= 2 and <= 1_000_000), nameof(MemoryRows), "2 to 1000000", MemoryRows);
        Require(MemoryRows == 0 || HasGates, nameof(MemoryRows), "left out for a cell without gates", MemoryRows);
        foreach (int size in HeadSizes)
        {
            Require(size is >= 1 and <= 1024, nameof(HeadSizes), "1 to 1024", size);
        }

        return problems;
    }

    /// <summary>A network of this plan, not yet initialised. Layers are named lstm0, gru0 or rnn0 and so on, head0 and so on,
    /// and head.</summary>
    /// <param name="inputs">Inputs of a step.</param>
    /// <param name="outputs">Outputs of a step.</param>
    /// <exception cref="ArgumentException">A rule is broken.</exception>
    public TrainingNetwork<float> Create(int inputs, int outputs)
    {
        if (FindProblems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join("; ", problems));
        }

        List<TrainingLayer<float>> layers = [];
        for (int i = 0; i < Layers; i++)
        {
            if (i > 0 && Dropout > 0)
            {
                layers.Add(new DropoutTraining<float>(HiddenSize, Dropout));
            }

            layers.Add(CreateCell(i, i == 0 ? inputs : HiddenSize));
        }

        int size = HiddenSize;
        for (int i = 0; i < HeadSizes.Count; i++)
        {
            layers.Add(new DenseTraining<float>($"head{i}", size, HeadSizes[i], Activation.Relu));
            size = HeadSizes[i];
        }

        layers.Add(new DenseTraining<float>("head", size, outputs));
        return new TrainingNetwork<float>(layers);
    }

    private RecurrentTraining<float> CreateCell(int index, int inputs) => Cell switch
    {
        CellKind.Lstm => new LstmTraining<float>($"lstm{index}", inputs, HiddenSize) { MemoryRows = MemoryRows },
        CellKind.LstmPeepholes =>
            new LstmTraining<float>($"lstm{index}", inputs, HiddenSize, hasPeepholes: true) { MemoryRows = MemoryRows },
        CellKind.Gru => new GruTraining<float>($"gru{index}", inputs, HiddenSize, GruReset.After) { MemoryRows = MemoryRows },
        CellKind.GruResetBefore =>
            new GruTraining<float>($"gru{index}", inputs, HiddenSize, GruReset.Before) { MemoryRows = MemoryRows },
        CellKind.Rnn => new RnnTraining<float>($"rnn{index}", inputs, HiddenSize),
        CellKind.RnnRelu => new RnnTraining<float>($"rnn{index}", inputs, HiddenSize, Activation.Relu),
        _ => throw new InvalidOperationException($"cell {Cell} cannot be trained"),
    };
}
