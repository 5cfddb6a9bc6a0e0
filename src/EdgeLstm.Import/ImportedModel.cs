// What every importer gives: the layers in canonical form, what the file says about sequences and scaling, what was noticed.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import;

/// <summary>A network that was read from a file of another program.</summary>
/// <param name="Format">The container and the program, for a person: <c>Keras 2.15.0, HDF5</c>.</param>
/// <param name="Layers">The layers, first to last; their sizes chain.</param>
/// <param name="Sequence">What the file says about stepping.</param>
/// <param name="Axes">How the program's arrays of samples are laid out.</param>
/// <param name="Scaling">Scaling that stands in the file; none where it has none.</param>
/// <param name="Warnings">Sentences for a person: known traps, what the file did not say and what was assumed.</param>
public sealed record ImportedModel(
    string Format,
    IReadOnlyList<ImportedLayer> Layers,
    SequenceUse Sequence,
    SampleAxes Axes,
    ChannelScaling? Scaling,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Values of one sample.</summary>
    public int InputSize => Layers[0].Manifest.InputSize;

    /// <summary>Values of one output.</summary>
    public int OutputSize => Layers[^1].Manifest.OutputSize;
}

/// <summary>A layer as it will stand in the model file.</summary>
/// <param name="Manifest">Kind, sizes and variants.</param>
/// <param name="Tensors">Its tensors in canonical form, named as the model file names them.</param>
/// <param name="Found">What was found, for a person: <c>LSTM 'lstm_1' 3 → 8, gates i f c o, hardSigmoid(0.2, 0.5)</c>.</param>
public sealed record ImportedLayer(LayerManifest Manifest, IReadOnlyList<Tensor> Tensors, string Found)
{
    /// <summary>The values of tensor <c>Name.suffix</c>; null where there is none.</summary>
    internal float[]? Values(string suffix)
    {
        string name = $"{Manifest.Name}.{suffix}";
        foreach (Tensor tensor in Tensors)
        {
            if (tensor.Name == name)
            {
                return tensor.Values;
            }
        }

        return null;
    }
}

/// <summary>What a file says about how its network is stepped.</summary>
/// <param name="IsStateful">True: the state is carried on; false: it begins at zero with each window; null: not said.</param>
/// <param name="WindowSamples">Length of the windows T, where the file says one.</param>
/// <param name="AnswersEachSample">True: an output for each sample; false: one for each window; null: not said.</param>
public sealed record SequenceUse(bool? IsStateful = null, int? WindowSamples = null, bool? AnswersEachSample = null);

/// <summary>Order of the axes of samples.</summary>
public enum SampleAxes
{
    /// <summary>[batch, time, features]: Keras, TFLite, TensorFlow.js.</summary>
    BatchFirst,

    /// <summary>[time, batch, features], but [batch, time, features] where the first of three axes is 1 and the second is not:
    /// PyTorch does not say in the file which it was.</summary>
    TimeFirstOrSingleBatch,

    /// <summary>[time, batch, features], always: ONNX with layout 0.</summary>
    TimeFirst,
}

/// <summary>Scaling of inputs and outputs that travels beside the weights.</summary>
/// <param name="Source">Where it comes from, for a person: <c>buffers input_mean, input_std</c>.</param>
/// <param name="Inputs">One for each input; null where only outputs are scaled.</param>
/// <param name="Outputs">One for each output; null where only inputs are scaled.</param>
public sealed record ChannelScaling(
    string Source, IReadOnlyList<ScaledChannel>? Inputs, IReadOnlyList<ScaledChannel>? Outputs = null);

/// <summary>network value = (physical value − Offset) · Scale.</summary>
/// <param name="Offset">In the channel's unit.</param>
/// <param name="Scale">Finite, not 0.</param>
/// <param name="Name">The channel's name, where it is known.</param>
/// <param name="Unit">Its unit, where it is known.</param>
/// <param name="Minimum">Of an input: least value of the training data. Of an output: least possible value.</param>
/// <param name="Maximum">The greatest.</param>
/// <param name="Horizon">Of an output: sample periods ahead, where it is known.</param>
/// <param name="Quantile">Of an output: the quantile it estimates.</param>
/// <param name="RelativeTo">Of an output: the input whose current value is added.</param>
public sealed record ScaledChannel(
    double Offset,
    double Scale,
    string? Name = null,
    string? Unit = null,
    double? Minimum = null,
    double? Maximum = null,
    int? Horizon = null,
    double? Quantile = null,
    string? RelativeTo = null);

/// <summary>What the person said that a file may leave open.</summary>
/// <param name="ConfigPath">Of Keras weights without configuration: the JSON file of the architecture.</param>
/// <param name="Activations">
/// Activations by the source's name of the layer, where a file of weights alone (PyTorch) cannot say them.
/// </param>
public sealed record ImportOptions(
    string? ConfigPath = null, IReadOnlyDictionary<string, ActivationFunction>? Activations = null)
{
    /// <summary>Nothing said.</summary>
    public static ImportOptions None { get; } = new();
}
