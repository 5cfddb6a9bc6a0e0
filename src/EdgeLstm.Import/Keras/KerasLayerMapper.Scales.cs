// Layers that scale the values of a sample, and those that only give them another shape.

using System.Text.Json;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Keras;

internal sealed partial class KerasLayerMapper
{
    private const int MaxListed = 4096;

    // The statistics stand in the configuration where they were given, and among the weights where adapt() measured them.
    private void AddNormalization(KerasLayer layer)
    {
        ConfigNode config = layer.Config;
        if (config.Flag("invert", false))
        {
            throw config.Refuse("(Normalization) has invert=True; give the scaling of outputs with --norm and leave this layer "
                + "out");
        }

        double[] mean;
        double[] variance;
        if (config.Has("mean") || config.Has("variance"))
        {
            mean = Numbers(config, "mean", 0);
            variance = Numbers(config, "variance", 1);
        }
        else
        {
            IReadOnlyList<KerasWeight> weights = _weights.Of(layer);
            if (weights.Count is not (2 or 3))
            {
                throw WrongCount(layer, weights, "mean, variance and count");
            }

            mean = Array.ConvertAll(weights[0].Read().Values, value => (double)value);
            variance = Array.ConvertAll(weights[1].Read().Values, value => (double)value);
        }

        double[] scale = Array.ConvertAll(variance, value => 1 / Math.Max(Math.Sqrt(value), NormalizationFloor));
        AddScale(layer, scale, k => -mean[Math.Min(k, mean.Length - 1)], mean.Length, isShiftScaled: true);
    }

    private void AddRescaling(KerasLayer layer)
    {
        double[] scale = Numbers(layer.Config, "scale", 1);
        double[] offset = Numbers(layer.Config, "offset", 0);
        AddScale(layer, scale, k => offset[Math.Min(k, offset.Length - 1)], offset.Length, isShiftScaled: false);
    }

    // One number holds for every value of a sample.
    private void AddScale(KerasLayer layer, double[] scale, Func<int, double> shift, int shiftLength, bool isShiftScaled)
    {
        int longest = Math.Max(scale.Length, shiftLength);
        int size = longest > 1 ? longest : FeaturesOf(layer);
        if ((scale.Length != 1 && scale.Length != size) || (shiftLength != 1 && shiftLength != size) || size > MaxListed)
        {
            throw layer.Config.Refuse(
                $"({QuotedText.Of(layer.ClassName)}) has {scale.Length} scales and {shiftLength} offsets; expected one for each "
                    + "value");
        }

        float[] weight = new float[size];
        float[] bias = new float[size];
        for (int k = 0; k < size; k++)
        {
            double factor = scale[Math.Min(k, scale.Length - 1)];
            weight[k] = (float)factor;
            bias[k] = (float)(shift(k) * (isShiftScaled ? factor : 1));
        }

        _builder.AddScale(layer.Name, new SourceTensor("scale", [size], weight), new SourceTensor("shift", [size], bias));
    }

    // A number, a list of numbers, or a list of one such list.
    private static double[] Numbers(ConfigNode config, string key, double usual)
    {
        if (config.Find(key) is not { ValueKind: JsonValueKind.Array } list)
        {
            return [config.Number(key) ?? usual];
        }

        while (list.GetArrayLength() == 1 && list[0].ValueKind == JsonValueKind.Array)
        {
            list = list[0];
        }

        if (list.GetArrayLength() is 0 or > MaxListed)
        {
            throw config.Refuse($"'{key}' has {list.GetArrayLength()} numbers; expected 1 to {MaxListed}");
        }

        double[] numbers = new double[list.GetArrayLength()];
        for (int k = 0; k < numbers.Length; k++)
        {
            bool isNumber = list[k].ValueKind == JsonValueKind.Number && list[k].TryGetDouble(out numbers[k])
                && double.IsFinite(numbers[k]);
            if (!isNumber)
            {
                throw config.Wrong(key, list[k], "a number");
            }
        }

        return numbers;
    }

    private void MapFlatten(KerasLayer layer)
    {
        if (_form == SampleForm.Sequence && _windowSamples != 1)
        {
            throw layer.Config.Refuse(
                "(Flatten) joins the results of all samples of a window into one vector, which is no stream; "
                + "use return_sequences=False in the recurrent layer before it");
        }

        _form = SampleForm.Vector;
    }

    private void MapReshape(KerasLayer layer)
    {
        int?[] target = layer.Config.Shape("target_shape") ?? layer.Config.Shape("dims")
            ?? throw layer.Config.Refuse("has no 'target_shape'");
        if (target.Length is < 1 or > 2 || Array.Exists(target, size => size is null or 0))
        {
            throw layer.Config.Refuse($"(Reshape) to {target.Length} axes; expected [features] or [samples, features]");
        }

        if (target.Length == 1)
        {
            MapFlatten(layer);
            return;
        }

        (int samples, int features) = (target[0]!.Value, target[1]!.Value);
        _form = _form == SampleForm.Sequence ? SameSequence(layer, samples, features) : Vectors(layer, samples, features);
    }

    private SampleForm SameSequence(KerasLayer layer, int samples, int features)
    {
        int known = FeaturesOf(layer);
        bool isSame = features == known || (features == -1 && samples == _windowSamples);
        return isSame
            ? SampleForm.Sequence
            : throw layer.Config.Refuse(
                $"(Reshape) to [{samples}, {features}] mixes samples and their {known} values; expected the same features");
    }

    // At the beginning a vector may become a sequence of one sample; at the end it may become steps of a forecast.
    private SampleForm Vectors(KerasLayer layer, int samples, int features)
    {
        int known = FeaturesOf(layer);
        bool isBeginning = _builder.IsEmpty;
        bool fits = samples < 0 || features < 0 || (long)samples * features == known;
        if (!fits || (isBeginning && samples != 1))
        {
            throw layer.Config.Refuse(
                $"(Reshape) cuts {known} values into [{samples}, {features}]; "
                + (isBeginning
                    ? "expected [1, features] before the first layer: the input must be single samples"
                    : "they are not as many"));
        }

        _windowSamples = isBeginning ? 1 : _windowSamples;
        return isBeginning ? SampleForm.Sequence : SampleForm.ReshapedVector;
    }
}
