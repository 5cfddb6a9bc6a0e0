// The network computed a second time, in double precision, from the equations alone: no kernel, no packing, no vectors. What the
// kernels compute is held against it.

namespace EdgeLstm.Import.Trust;

/// <summary>A network stepped in double precision.</summary>
/// <remarks>Slow and simple on purpose: it shares no code with the kernels it judges.</remarks>
public sealed class ReferenceNetwork
{
    private readonly ReferenceLayer[] _layers;

    /// <param name="layers">The layers in canonical form, first to last.</param>
    public ReferenceNetwork(IReadOnlyList<ImportedLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        _layers = [.. layers.Select(ReferenceLayer.Create)];
        ResetState();
    }

    /// <summary>Values carried from step to step: the states of the layers, first to last, in the order of
    /// <see cref="Core.Layers.Network"/>.</summary>
    public int StateSize => _layers.Sum(layer => layer.State.Length);

    /// <summary>One time step.</summary>
    /// <param name="x">Sample [InputSize].</param>
    /// <returns>Output [OutputSize].</returns>
    public double[] Step(double[] x)
    {
        foreach (ReferenceLayer layer in _layers)
        {
            x = layer.Step(x);
        }

        return x;
    }

    /// <summary>Sets every state to its trained beginning, zero where there is none.</summary>
    public void ResetState()
    {
        foreach (ReferenceLayer layer in _layers)
        {
            layer.ResetState();
        }
    }

    /// <summary>The state [StateSize].</summary>
    public double[] ReadState()
    {
        List<double> state = new(StateSize);
        foreach (ReferenceLayer layer in _layers)
        {
            state.AddRange(layer.State);
        }

        return [.. state];
    }

    /// <summary>Replaces the state [StateSize].</summary>
    public void WriteState(ReadOnlySpan<double> state)
    {
        foreach (ReferenceLayer layer in _layers)
        {
            state[..layer.State.Length].CopyTo(layer.State);
            state = state[layer.State.Length..];
        }
    }

    /// <summary>The outputs of golden inputs, as the model file defines them.</summary>
    /// <param name="inputs">[steps][InputSize].</param>
    /// <param name="window">Windows of that many samples from a fresh state; null: the state is carried on.</param>
    /// <returns>[steps][OutputSize].</returns>
    public double[][] Run(IReadOnlyList<double[]> inputs, int? window)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        double[][] outputs = new double[inputs.Count][];
        ResetState();
        for (int step = 0; step < inputs.Count; step++)
        {
            outputs[step] = window is int length && step >= length
                ? RunWindow(inputs, step - length + 1, length)
                : Step(inputs[step]);
        }

        return outputs;
    }

    private double[] RunWindow(IReadOnlyList<double[]> inputs, int first, int length)
    {
        ResetState();
        double[] output = [];
        for (int step = first; step < first + length; step++)
        {
            output = Step(inputs[step]);
        }

        return output;
    }
}
