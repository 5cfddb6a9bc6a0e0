// A layer that can be trained: its sizes, its parameters, and how they begin.

using System.Numerics;

namespace EdgeLstm.Training.Layers;

/// <summary>A layer without values: those are in a <see cref="LayerRun{T}"/>, the parameters in the network's one
/// array.</summary>
/// <typeparam name="T">float, or double for comparisons.</typeparam>
public abstract class TrainingLayer<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly List<ParameterBlock> _blocks = [];

    private protected TrainingLayer(string name, int inputSize, int outputSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputSize, 1);
        (Name, InputSize, OutputSize) = (name, inputSize, outputSize);
    }

    /// <summary>Name within the network.</summary>
    public string Name { get; }

    /// <summary>Inputs of a step.</summary>
    public int InputSize { get; }

    /// <summary>Outputs of a step.</summary>
    public int OutputSize { get; }

    /// <summary>Number of parameters.</summary>
    public int ParameterCount { get; private set; }

    /// <summary>What the parameters are, in their order.</summary>
    public IReadOnlyList<ParameterBlock> Blocks => _blocks;

    /// <summary>Sets parameters as training begins with them.</summary>
    /// <param name="parameters">This layer's [ParameterCount].</param>
    /// <param name="random">Draws them.</param>
    internal abstract void Initialise(Span<T> parameters, RandomStream random);

    /// <summary>Room for the values of one group of sequences.</summary>
    /// <param name="steps">Steps at most.</param>
    internal abstract LayerRun<T> CreateRun(int steps);

    /// <summary>Adds a matrix behind the other blocks and returns its offset.</summary>
    private protected int AddMatrix(string name, int rows, int columns) =>
        Add(new ParameterBlock(name, rows, columns, ParameterCount, IsDecayed: true));

    /// <summary>Adds a vector behind the other blocks and returns its offset.</summary>
    private protected int AddVector(string name, int count, bool isDecayed = false) =>
        Add(new ParameterBlock(name, count, null, ParameterCount, isDecayed));

    private int Add(ParameterBlock block)
    {
        _blocks.Add(block);
        ParameterCount += block.Count;
        return block.Offset;
    }
}
