// What the trainable recurrent layers have in common: W [G·H, I], R [G·H, H], b [G·H] for G gates.

using System.Numerics;

namespace EdgeLstm.Training.Layers;

/// <summary>A recurrent layer of H units.</summary>
public abstract class RecurrentTraining<T> : TrainingLayer<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private protected RecurrentTraining(string name, int inputSize, int hiddenSize, int gates)
        : base(name, inputSize, hiddenSize)
    {
        Gates = gates;
        InputWeights = AddMatrix("weight_ih", gates * hiddenSize, inputSize);
        RecurrentWeights = AddMatrix("weight_hh", gates * hiddenSize, hiddenSize);
        Bias = AddVector("bias", gates * hiddenSize);
    }

    /// <summary>Units H.</summary>
    public int HiddenSize => OutputSize;

    /// <summary>Rows that units remember at first, each from 1 to so many; 0 for the cell's usual biases. A forget gate at f
    /// keeps what it has for 1 / (1 − f) rows (Tallec, Ollivier, 2018, "Can recurrent neural networks warp time?").</summary>
    public int MemoryRows { get; init; }

    /// <summary>Gates, the candidate among them.</summary>
    internal int Gates { get; }

    /// <summary>Offset of W.</summary>
    internal int InputWeights { get; }

    /// <summary>Offset of R.</summary>
    internal int RecurrentWeights { get; }

    /// <summary>Offset of b.</summary>
    internal int Bias { get; }

    /// <inheritdoc/>
    internal override void Initialise(Span<T> parameters, RandomStream random)
    {
        parameters.Clear();
        for (int gate = 0; gate < Gates; gate++)
        {
            int inputs = HiddenSize * InputSize;
            Initialisation.Xavier(parameters.Slice(InputWeights + (gate * inputs), inputs), HiddenSize, InputSize, random);
            int recurrent = HiddenSize * HiddenSize;
            Initialisation.Orthogonal(parameters.Slice(RecurrentWeights + (gate * recurrent), recurrent), HiddenSize, random);
        }

        // Biases of the gate that keeps the state, drawn so that its unit keeps it for 1 to MemoryRows rows.
        for (int unit = 0; unit < HiddenSize && MemoryRows > 0; unit++)
        {
            double rows = 1 + (random.NextDouble() * Math.Max(1, MemoryRows - 2));
            parameters[Bias + HiddenSize + unit] = T.CreateTruncating(Math.Log(rows));
        }
    }
}
