// A network over a chunk of steps for one group of sequences: forwards, then the gradient of the loss backwards.

using System.Numerics;
using EdgeLstm.Training.Kernels;
using EdgeLstm.Training.Layers;

namespace EdgeLstm.Training;

/// <summary>Values and gradients of one group. Used by one thread at a time; groups are independent of each other.</summary>
internal sealed unsafe class NetworkRun<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly TrainingNetwork<T> _network;
    private readonly LayerRun<T>[] _runs;

    /// <param name="network">The network.</param>
    /// <param name="steps">Steps of a chunk at most.</param>
    public NetworkRun(TrainingNetwork<T> network, int steps)
    {
        _network = network;
        _runs = new LayerRun<T>[network.Layers.Count];
        for (int i = 0; i < _runs.Length; i++)
        {
            _runs[i] = network.Layers[i].CreateRun(steps);
        }

        Gradients = new PinnedBuffer<T>(network.Parameters.Length);
    }

    /// <summary>∂loss/∂parameters of this group, as the network has its parameters.</summary>
    public PinnedBuffer<T> Gradients { get; }

    /// <summary>What the network gave [steps, outputs, lanes].</summary>
    public PinnedBuffer<T> Output => _runs[^1].Output;

    /// <summary>∂loss/∂output [steps, outputs, lanes], to be written before <see cref="Backward"/>.</summary>
    public PinnedBuffer<T> OutputGradient => _runs[^1].OutputGradient;

    /// <summary>The values of one layer.</summary>
    public LayerRun<T> this[int layer] => _runs[layer];

    /// <summary>Draws dropout masks from here; null: nothing is dropped.</summary>
    public void SetDropout(RandomStream? random)
    {
        foreach (LayerRun<T> run in _runs)
        {
            if (run is DropoutRun<T> dropout)
            {
                dropout.Random = random;
            }
        }
    }

    /// <summary>Sets the state of one sequence to zero, in every layer.</summary>
    public void ResetState(int lane)
    {
        foreach (LayerRun<T> run in _runs)
        {
            run.ResetState(lane);
        }
    }

    /// <summary>Computes the outputs, from the state that the last chunk left.</summary>
    /// <param name="x">Inputs [steps, inputs, lanes].</param>
    /// <param name="steps">Steps of this chunk.</param>
    public void Forward(T* x, int steps)
    {
        for (int i = 0; i < _runs.Length; i++)
        {
            _runs[i].Forward(_network.ParameterPointer + _network.Offsets[i], x, steps);
            x = _runs[i].Output.Pointer;
        }
    }

    /// <summary>Adds the gradients of this chunk, given those of its outputs.</summary>
    /// <param name="x">As in <see cref="Forward"/>.</param>
    /// <param name="steps">As there.</param>
    public void Backward(T* x, int steps)
    {
        for (int i = _runs.Length - 1; i >= 0; i--)
        {
            T* input = i > 0 ? _runs[i - 1].Output.Pointer : x;
            T* inputGradient = i > 0 ? _runs[i - 1].OutputGradient.Pointer : null;
            int offset = _network.Offsets[i];
            _runs[i].Backward(
                _network.ParameterPointer + offset, input, inputGradient, Gradients.Pointer + offset, steps);
        }
    }
}
