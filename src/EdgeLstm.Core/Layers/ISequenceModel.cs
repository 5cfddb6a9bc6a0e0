// What a stream needs of a network, whether the state is carried on (Network) or was zero T samples ago (SlidingWindow).

using System.Diagnostics.CodeAnalysis;

namespace EdgeLstm.Core.Layers;

/// <summary>Maps a sequence of samples to outputs, one sample at a time.</summary>
/// <remarks>Stepped by one thread at a time; a step allocates nothing.</remarks>
public interface ISequenceModel
{
    /// <summary>The layers, first to last, with the state of one sequence each.</summary>
    IReadOnlyList<Layer> Layers { get; }

    /// <summary>Values of one sample.</summary>
    int InputSize { get; }

    /// <summary>Values of one output.</summary>
    int OutputSize { get; }

    /// <summary>Values carried from step to step: everything that is needed to go on.</summary>
    int StateSize { get; }

    /// <summary>Trained values.</summary>
    long ParameterCount { get; }

    /// <summary>Bytes of weights that one step reads.</summary>
    long WeightBytes { get; }

    /// <summary>What the last layer read in the latest step, the hidden state for a head [its InputSize]; empty where it is the
    /// only layer, or carries state over a sliding window. Valid until the next step.</summary>
    ReadOnlySpan<float> HeadInput { get; }

    /// <summary>Takes one sample and answers.</summary>
    /// <param name="x">Sample [InputSize].</param>
    /// <param name="y">Output [OutputSize].</param>
    /// <exception cref="ArgumentException">A length is wrong; no state has advanced.</exception>
    [SuppressMessage("Naming", "CA1716", Justification = "The field's word; a keyword in Visual Basic only.")]
    void Step(ReadOnlySpan<float> x, Span<float> y);

    /// <summary>Forgets all samples.</summary>
    void ResetState();

    /// <summary>Copies the state into <paramref name="destination"/> [StateSize].</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>.</exception>
    void ReadState(Span<float> destination);

    /// <summary>Replaces the state by <paramref name="source"/> [StateSize], read from a model of the same kind.</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>, or it is no such state.</exception>
    void WriteState(ReadOnlySpan<float> source);
}
