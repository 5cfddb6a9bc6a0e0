// Layer by layer from a Keras configuration to the canonical form; follows whether there is still an axis of time.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.Keras;

/// <summary>Maps the layers of one model.</summary>
internal sealed partial class KerasLayerMapper
{
    private readonly LayerBuilder _builder;
    private readonly KerasVersion _version;
    private readonly KerasWeights _weights;
    private readonly List<string> _warnings;

    private SampleForm _form = SampleForm.Sequence;
    private int? _features;
    private int? _windowSamples;
    private string? _lastSequence;
    private int _recurrentLayers;
    private int _statefulLayers;
    private bool _isFirst = true;

    /// <param name="file">The file, for messages.</param>
    /// <param name="version">What wrote it.</param>
    /// <param name="weights">Where its weights are.</param>
    /// <param name="warnings">Receives sentences.</param>
    public KerasLayerMapper(SourceFile file, KerasVersion version, KerasWeights weights, List<string> warnings)
    {
        _builder = new LayerBuilder(file);
        _version = version;
        _weights = weights;
        _warnings = warnings;
    }

    /// <summary>The layers in canonical form; refuses a model without any.</summary>
    public IReadOnlyList<ImportedLayer> Layers => _builder.Layers;

    /// <summary>What the file says about stepping.</summary>
    public SequenceUse Sequence => new(
        _recurrentLayers == 0 ? null : _statefulLayers == _recurrentLayers,
        _windowSamples,
        _form == SampleForm.Sequence || _recurrentLayers == 0);

    /// <summary>Reads a whole model.</summary>
    public static ImportedModel Read(
        SourceFile file, string container, KerasArchitecture architecture, KerasWeights weights)
    {
        var warnings = new List<string>();
        var mapper = new KerasLayerMapper(file, architecture.Version, weights, warnings);
        foreach (KerasLayer layer in architecture.Layers)
        {
            mapper.Map(layer);
        }

        KerasVersion version = architecture.Version;
        string format = version.IsTensorFlowJs ? version.Program : $"{version.Program}, {container}";
        return new ImportedModel(format, mapper.Layers, mapper.Finish(), SampleAxes.BatchFirst, null, warnings);
    }

    /// <summary>Maps the next layer.</summary>
    public void Map(KerasLayer layer)
    {
        if (_isFirst)
        {
            ReadInputShape(layer.Config);
            _isFirst = false;
        }

        RefuseQuantised(layer.Config);
        if (KerasActivation.OfLayer(layer.ClassName, layer.Config, _version) is { } activation)
        {
            AddActivation(layer, activation);
            return;
        }

        MapClass(layer);
    }

    private void MapClass(KerasLayer layer)
    {
        switch (layer.ClassName)
        {
            case "InputLayer" or "Dropout" or "SpatialDropout1D" or "GaussianNoise" or "GaussianDropout" or "AlphaDropout"
                or "ActivityRegularization":
                return;
            case "Masking":
                _warnings.Add(
                    $"Layer '{QuotedText.Of(layer.Name)}' (Masking) was left out: missing values are handled by the sample "
                        + "clock, "
                    + "not by a value that means 'missing'.");
                return;
            case "LSTM" or "GRU" or "SimpleRNN" or "CuDNNLSTM" or "CuDNNGRU" or "RNN":
                MapRecurrent(layer);
                return;
            case "TimeDistributed":
                MapTimeDistributed(layer);
                return;
            case "Flatten":
                MapFlatten(layer);
                return;
            case "Reshape":
                MapReshape(layer);
                return;
            default:
                MapFeedforward(layer);
                return;
        }
    }

    private SequenceUse Finish()
    {
        if (_statefulLayers > 0 && _statefulLayers < _recurrentLayers)
        {
            _warnings.Add(
                $"{_statefulLayers} of {_recurrentLayers} recurrent layers are stateful=True, the others are not; the whole "
                    + "network is "
                + "stepped in one way: --stateful or --window N says which.");
        }

        return Sequence;
    }

    private void ReadInputShape(ConfigNode config)
    {
        int?[]? shape = config.Shape("batch_shape") ?? config.Shape("batch_input_shape") ?? config.Shape("input_shape") switch
        {
            { } inner => [null, .. inner],
            null => null,
        };
        if (shape is null)
        {
            // Keras 1 may give input_dim and input_length alone.
            _features = PositiveOrNull(config.Find("input_dim") is null ? null : config.Whole("input_dim", 0));
            _windowSamples = PositiveOrNull(config.Find("input_length") is null ? null : config.Whole("input_length", 0));
            return;
        }

        if (shape.Length is < 2 or > 3)
        {
            throw config.Refuse(
                $"the input has {shape.Length} axes; expected [batch, samples, features]. Pictures and blocks of samples are no "
                    + "stream");
        }

        _form = shape.Length == 3 ? SampleForm.Sequence : SampleForm.Vector;
        _features = PositiveOrNull(shape[^1]);
        _windowSamples = shape.Length == 3 ? PositiveOrNull(shape[1]) : null;
    }

    private static int? PositiveOrNull(int? size) => size > 0 ? size : null;

    // Layers of Keras 3 may hold whole numbers and scales in place of weights.
    private static void RefuseQuantised(ConfigNode config)
    {
        if (config.Find("dtype") is not { ValueKind: System.Text.Json.JsonValueKind.Object })
        {
            return;
        }

        ConfigNode policy = config.Object("dtype")!.Value;
        if (policy.Text("class_name") is { } name && name.StartsWith("Quantized", StringComparison.Ordinal))
        {
            throw config.Refuse("is quantised (dtype policy "
                + $"'{QuotedText.Of(name)}'); save the model before model.quantize() and quantise the imported one");
        }
    }

    private int FeaturesOf(KerasLayer layer) =>
        (_builder.IsEmpty ? _features : _builder.OutputSize)
        ?? throw layer.Config.Refuse("is the first layer, and the model does not say how many values it reads "
            + "(batch_input_shape)");

    private void AddActivation(KerasLayer layer, ActivationFunction activation)
    {
        if (_form == SampleForm.ReshapedVector && !activation.IsElementwise)
        {
            throw layer.Config.Refuse("is a softmax over a part of the outputs, after a Reshape; expected all outputs of one "
                + "sample");
        }

        _builder.AddActivation(layer.Name, activation);
    }

    /// <summary>The weights of a layer, as many as expected.</summary>
    private SourceTensor[] WeightsOf(KerasLayer layer, int count, string expected)
    {
        IReadOnlyList<KerasWeight> weights = _weights.Of(layer);
        return weights.Count == count ? [.. weights.Select(weight => weight.Read())] : throw WrongCount(layer, weights, expected);
    }

    private static Core.Models.ModelFileException WrongCount(
        KerasLayer layer, IReadOnlyList<KerasWeight> weights, string expected) =>
        layer.Config.Refuse(
            $"has {weights.Count} weights "
                + $"({string.Join(", ", weights.Take(4).Select(weight => $"'{QuotedText.Of(weight.Name)}'"))}"
            + $"{(weights.Count > 4 ? ", …" : "")}); expected {expected}");
}
