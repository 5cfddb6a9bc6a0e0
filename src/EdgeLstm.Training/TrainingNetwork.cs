// A stack of trainable layers and their parameters, all in one array.

using System.Numerics;
using EdgeLstm.Training.Kernels;
using EdgeLstm.Training.Layers;

namespace EdgeLstm.Training;

/// <summary>Layers from input to output. The parameters may be read and written between two updates.</summary>
/// <typeparam name="T">float, or double for comparisons.</typeparam>
public sealed class TrainingNetwork<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly PinnedBuffer<T> _parameters;

    /// <param name="layers">Layers; each reads what the one before it writes.</param>
    /// <exception cref="ArgumentException">There is none, or two do not fit.</exception>
    public TrainingNetwork(params IReadOnlyList<TrainingLayer<T>> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count, nameof(layers));
        Layers = layers;
        int[] offsets = new int[layers.Count];
        int count = 0;
        for (int i = 0; i < layers.Count; i++)
        {
            if (i > 0 && layers[i].InputSize != layers[i - 1].OutputSize)
            {
                throw new ArgumentException(
                    $"layer '{layers[i].Name}' has {layers[i].InputSize} inputs; expected {layers[i - 1].OutputSize}, what the "
                    + $"layer before it gives", nameof(layers));
            }

            offsets[i] = count;
            count += layers[i].ParameterCount;
        }

        Offsets = offsets;
        _parameters = new PinnedBuffer<T>(count);
    }

    /// <summary>The layers, from input to output.</summary>
    public IReadOnlyList<TrainingLayer<T>> Layers { get; }

    /// <summary>Where each layer's parameters begin.</summary>
    public IReadOnlyList<int> Offsets { get; }

    /// <summary>Inputs of a step.</summary>
    public int InputSize => Layers[0].InputSize;

    /// <summary>Outputs of a step.</summary>
    public int OutputSize => Layers[^1].OutputSize;

    /// <summary>All parameters, layer by layer.</summary>
    public Span<T> Parameters => _parameters.Span;

    internal unsafe T* ParameterPointer => _parameters.Pointer;

    /// <summary>Sets all parameters as training begins with them; the same seed gives the same.</summary>
    public void Initialise(long seed)
    {
        for (int i = 0; i < Layers.Count; i++)
        {
            Layers[i].Initialise(Parameters.Slice(Offsets[i], Layers[i].ParameterCount), new RandomStream(seed, 1, i));
        }
    }

    /// <summary>One block of a layer's parameters.</summary>
    public Span<T> Block(int layer, ParameterBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return Parameters.Slice(Offsets[layer] + block.Offset, block.Count);
    }
}
