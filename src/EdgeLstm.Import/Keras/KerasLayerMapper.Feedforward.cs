// The layers of Keras without recurrence.  Dense: kernel [I, O], bias [O].  Conv1D: kernel [samples, I, O], the newest sample
// last. BatchNormalization: gamma, beta, mean, variance.  Normalization: y = (x − mean) / max(√variance, 1e-7).

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Keras;

internal sealed partial class KerasLayerMapper
{
    private const double NormalizationFloor = 1e-7;

    private void MapFeedforward(KerasLayer layer)
    {
        if (_form == SampleForm.ReshapedVector)
        {
            throw layer.Config.Refuse(
                $"(class {QuotedText.Of(layer.ClassName)}) reads the outputs of a Reshape step by step; expected the Reshape to "
                    + "be last");
        }

        MapFeedforward(layer, _form == SampleForm.Sequence ? 2 : 1);
    }

    // Of TimeDistributed the layer inside sees one sample at a time: an input of two axes.
    private void MapTimeDistributed(KerasLayer layer)
    {
        if (_form != SampleForm.Sequence)
        {
            throw layer.Config.Refuse("(TimeDistributed) reads a sequence, but what is before it gives one result for each "
                + "window");
        }

        KerasLayer inner = layer.Inner("layer");
        RefuseQuantised(inner.Config);
        if (KerasActivation.OfLayer(inner.ClassName, inner.Config, _version) is { } activation)
        {
            AddActivation(inner, activation);
        }
        else if (inner.ClassName != "Dropout")
        {
            MapFeedforward(inner, 1);
        }
    }

    private void MapFeedforward(KerasLayer layer, int lastAxis)
    {
        switch (layer.ClassName)
        {
            case "Dense" or "TimeDistributedDense":
                AddDense(layer);
                return;
            case "Conv1D" when lastAxis == 2:
                AddConv1d(layer);
                return;
            case "BatchNormalization":
                RequireLastAxis(layer, lastAxis);
                AddBatchNormalization(layer);
                return;
            case "LayerNormalization":
                RequireLastAxis(layer, lastAxis);
                AddLayerNormalization(layer);
                return;
            case "Normalization":
                RequireLastAxis(layer, lastAxis);
                AddNormalization(layer);
                return;
            case "Rescaling":
                AddRescaling(layer);
                return;
            default:
                throw LayerRefusals.Of(layer);
        }
    }

    private void AddDense(KerasLayer layer)
    {
        bool hasBias = layer.Config.Flag("use_bias", layer.Config.Flag("bias", true));
        SourceTensor[] weights = WeightsOf(layer, hasBias ? 2 : 1, hasBias ? "kernel and bias" : "kernel");
        ActivationFunction activation = KerasActivation.Read(layer.Config, "activation", _version, Activation.Linear);
        _builder.AddDense(layer.Name, Transposed(layer, weights[0]), hasBias ? weights[1] : null, activation);
        ExpectUnits(layer);
    }

    private void AddConv1d(KerasLayer layer)
    {
        ConfigNode config = layer.Config;
        string padding = config.Text("padding") ?? "valid";
        bool isPointwise = config.Whole("kernel_size", 0) == 1;
        if (padding != "causal" && !isPointwise)
        {
            throw config.Refuse(
                $"(Conv1D) has padding='{QuotedText.Of(padding)}'; only padding='causal' runs sample by sample: 'same' needs "
                    + "the future, "
                + "'valid' gives fewer results than samples. Train it with padding='causal'");
        }

        RequireOne(config, "strides", "a result for each sample is expected");
        RequireOne(config, "groups", "each output must see every input");
        if ((config.Text("data_format") ?? "channels_last") != "channels_last")
        {
            throw config.Refuse("(Conv1D) has data_format='channels_first'; expected channels_last");
        }

        bool hasBias = config.Flag("use_bias", true);
        SourceTensor[] weights = WeightsOf(layer, hasBias ? 2 : 1, hasBias ? "kernel and bias" : "kernel");
        int dilation = config.Whole("dilation_rate", 1);
        if (dilation is < 1 or > 65536)
        {
            throw config.Refuse($"'dilation_rate' is {dilation}; expected 1 to 65536");
        }

        ActivationFunction activation = KerasActivation.Read(config, "activation", _version, Activation.Linear);
        _builder.AddConv1d(layer.Name, OutputsFirst(layer, weights[0]), hasBias ? weights[1] : null, dilation, activation);
    }

    private static void RequireOne(ConfigNode config, string key, string why)
    {
        if (config.Whole(key, 1) is not 1 and var found)
        {
            throw config.Refuse($"(Conv1D) has {key}={found}; expected 1: {why}");
        }
    }

    // [samples, I, O] → [O, samples, I]: as a matrix [samples · I, O] it is a transposition.
    private static SourceTensor OutputsFirst(KerasLayer layer, SourceTensor kernel)
    {
        if (kernel.Shape.Length != 3 || kernel.Values.Length == 0)
        {
            throw layer.Config.Refuse(
                $"tensor '{QuotedText.Of(kernel.Name)}' has shape {kernel.ShapeText}; expected [samples, inputs, outputs]");
        }

        (int samples, int inputs, int outputs) = (kernel.Shape[0], kernel.Shape[1], kernel.Shape[2]);
        return kernel.Reshape(samples * inputs, outputs).Transpose().Reshape(outputs, samples, inputs);
    }

    private void AddBatchNormalization(KerasLayer layer)
    {
        ConfigNode config = layer.Config;
        if (config.Flag("renorm", false) || config.Whole("mode", 0) != 0)
        {
            throw config.Refuse("(BatchNormalization) has renorm=True or a mode other than 0; expected the plain one");
        }

        (SourceTensor? gamma, SourceTensor? beta, SourceTensor[] others) = ScaleAndCenter(layer, 2, ", moving mean and variance");
        _builder.AddBatchNorm(layer.Name, gamma, beta, others[0], others[1], config.Number("epsilon") ?? 1e-3);
    }

    private void AddLayerNormalization(KerasLayer layer)
    {
        ConfigNode config = layer.Config;
        if (config.Flag("rms_scaling", false))
        {
            throw config.Refuse("(LayerNormalization) has rms_scaling=True; expected the plain one");
        }

        double epsilon = config.Number("epsilon") ?? 1e-3;
        if (epsilon <= 0)
        {
            throw config.Refuse(FormattableString.Invariant($"'epsilon' is {epsilon}; expected a number above 0"));
        }

        (SourceTensor? gamma, SourceTensor? beta, _) = ScaleAndCenter(layer, 0, "");
        _builder.AddLayerNorm(layer.Name, gamma, beta, gamma?.Rows ?? beta?.Rows ?? FeaturesOf(layer), epsilon);
    }

    // gamma stands in the file where scale is True, beta where center is True; then come the others.
    private (SourceTensor? Gamma, SourceTensor? Beta, SourceTensor[] Others) ScaleAndCenter(
        KerasLayer layer, int others, string expected)
    {
        bool hasGamma = layer.Config.Flag("scale", true);
        bool hasBeta = layer.Config.Flag("center", true);
        int first = (hasGamma ? 1 : 0) + (hasBeta ? 1 : 0);
        if (first + others == 0)
        {
            return (null, null, []);
        }

        SourceTensor[] weights = WeightsOf(
            layer, first + others, $"{(hasGamma ? "gamma" : "no gamma")}, {(hasBeta ? "beta" : "no beta")}{expected}");
        return (hasGamma ? weights[0] : null, hasBeta ? weights[first - 1] : null, weights[first..]);
    }

    private static void RequireLastAxis(KerasLayer layer, int lastAxis)
    {
        int axis = layer.Config.Has("axis") ? layer.Config.Whole("axis", -1) : -1;
        if (axis != -1 && axis != lastAxis)
        {
            throw layer.Config.Refuse(
                $"({QuotedText.Of(layer.ClassName)}) has axis={axis}; expected -1, the values of one sample");
        }
    }
}
