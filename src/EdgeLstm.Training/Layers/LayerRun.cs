// The values of one layer over a chunk of steps, for one group of sequences: forwards, and the gradient backwards.

using System.Numerics;
using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Layers;

/// <summary>Used by one thread at a time. Nothing is allocated by a step.</summary>
internal abstract unsafe class LayerRun<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <param name="steps">Steps at most.</param>
    /// <param name="outputSize">Outputs O of a step.</param>
    protected LayerRun(int steps, int outputSize)
    {
        OutputStride = outputSize * Lanes.Count;
        Output = new PinnedBuffer<T>(steps * OutputStride);
        OutputGradient = new PinnedBuffer<T>(steps * OutputStride);
    }

    /// <summary>What the layer gives [steps, O, lanes].</summary>
    public PinnedBuffer<T> Output { get; }

    /// <summary>∂loss/∂output [steps, O, lanes], by whoever reads the output; used up on the way back. A recurrent layer leaves
    /// the whole ∂loss/∂h of each step, what comes from later steps with it.</summary>
    public PinnedBuffer<T> OutputGradient { get; }

    /// <summary>After <see cref="Backward"/> ∂loss/∂state of each step [steps, O, lanes], that of later steps with it: of h,
    /// or of what a cell remembers apart from it. It shows how far back learning reaches.</summary>
    public virtual PinnedBuffer<T> StateGradient => OutputGradient;

    /// <summary>Numbers from one step of the output to the next.</summary>
    public int OutputStride { get; }

    /// <summary>Computes the outputs; a recurrent layer goes on from the state that the last call left.</summary>
    /// <param name="parameters">The layer's.</param>
    /// <param name="x">[steps, I, lanes]</param>
    /// <param name="steps">Steps of this chunk.</param>
    public abstract void Forward(T* parameters, T* x, int steps);

    /// <summary>Adds ∂loss/∂parameters, and writes ∂loss/∂x. The gradient ends at the chunk's beginning.</summary>
    /// <param name="parameters">As they were in <see cref="Forward"/>.</param>
    /// <param name="x">As it was there.</param>
    /// <param name="inputGradient">[steps, I, lanes]; null where nobody asks.</param>
    /// <param name="gradients">The layer's, added to.</param>
    /// <param name="steps">Steps of this chunk.</param>
    public abstract void Backward(T* parameters, T* x, T* inputGradient, T* gradients, int steps);

    /// <summary>Sets the state of one sequence to zero.</summary>
    public virtual void ResetState(int lane)
    {
    }

    /// <summary>Zeroes one sequence of a state [rows, lanes].</summary>
    protected static void ResetLane(PinnedBuffer<T> state, int lane)
    {
        Span<T> values = state.Span;
        for (int at = lane; at < values.Length; at += Lanes.Count)
        {
            values[at] = T.Zero;
        }
    }
}
