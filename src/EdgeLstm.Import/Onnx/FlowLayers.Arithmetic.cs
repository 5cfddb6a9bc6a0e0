// Add, Sub, Mul, Div of the signal and a constant: a bias of the dense layer before, else a scale. Of the signal and itself:
// silu, or a layer normalisation that was taken apart,  d = x − mean(x);  y = d / √(mean(d²) + epsilon).

namespace EdgeLstm.Import.Onnx;

internal static partial class FlowLayers
{
    private static Value Arithmetic(NodeScope at)
    {
        string op = at.Node.OpType;
        (Value? a, Value? b) = (at.Input(0), at.Input(1));
        if (Moments(at, op, a, b) is { } moment)
        {
            return moment;
        }

        return (op, a, b) switch
        {
            ("Neg", Flow x, _) => Scaled(at, x, [-1], [0]),
            ("Mul", Flow x, Flow y) when FlowActivations.Gated(at, x, y) is { } gated => gated,
            ("Add" or "Sum", Flow, Flow) => throw at.Refuse(
                "adds two signals: residual connections and branches cannot be imported, only a chain of layers"),
            (_, Flow, Flow) => throw at.Refuse("combines two signals; only a chain of layers can be imported"),
            (_, Flow x, Known c) when at.Inputs.Count == 2 => WithConstant(at, op, at.Flow(0), c, false),
            (_, Known c, Flow x) when at.Inputs.Count == 2 => WithConstant(at, op, at.Flow(1), c, true),
            _ => throw at.Refuse("is not understood here; expected the signal and a constant"),
        };
    }

    private static Flow WithConstant(NodeScope at, string op, Flow x, Known constant, bool isFirst)
    {
        int features = x.FeatureAxis;
        float[] c = Constant(at, constant, x.Rank, features, x.Features);
        if (op == "Add" && x.Last is DenseStep { Bias: null, Factor: 1 } dense && features == x.Rank - 1)
        {
            at.Budget.Spend(dense.OutputSize);
            float[] bias = new float[dense.OutputSize];
            for (int k = 0; k < bias.Length; k++)
            {
                bias[k] = c[c.Length == 1 ? 0 : k];
            }

            return x with { Last = dense with { Bias = bias } };
        }

        at.Budget.Spend(4L * c.Length);
        double[] values = Array.ConvertAll(c, value => (double)value);
        return (op, isFirst) switch
        {
            ("Add" or "Sum", _) => Scaled(at, x, [1], values),
            ("Sub", false) => Scaled(at, x, [1], Array.ConvertAll(values, value => -value)),
            ("Sub", true) => Scaled(at, x, [-1], values),
            ("Mul", _) => Scaled(at, x, values, [0]),
            ("Div", false) => Scaled(at, x, Array.ConvertAll(values, value => 1 / value), [0]),
            _ => throw at.Refuse("divides by the signal or raises it to a power, which no layer does"),
        };
    }

    /// <summary>A constant that holds one value for each feature, or one for all.</summary>
    private static float[] Constant(NodeScope at, Known constant, int rank, int featureAxis, int features)
    {
        Known c = constant;
        while (c.Rank > rank && c.Shape[0].IsOne)
        {
            c = KnownTensors.Remove(c, 0);
        }

        int axis = featureAxis - (rank - c.Rank);
        for (int k = 0; k < c.Rank; k++)
        {
            bool fits = c.Shape[k].IsOne || (k == axis && (features == 0 || c.Shape[k] == new Item(features)));
            if (!fits)
            {
                throw at.Refuse($"its constant '{QuotedName(constant)}' has the shape {constant.ShapeText}; expected one "
                    + $"value for each of {features} features, the same at every time step");
            }
        }

        Known whole = KnownTensors.Materialise(at.Budget, c);
        return whole.Floats ?? throw at.Refuse($"its constant '{QuotedName(constant)}' holds no floats");
    }

    // Two scales in a row are one: s2 · (s1 · x + t1) + t2.
    private static Flow Scaled(NodeScope at, Flow x, double[] scale, double[] shift)
    {
        int size = Math.Max(scale.Length, shift.Length);
        LayerStep? before = x.Last;
        string source = at.Node.LayerName;
        double[] firstScale = [1];
        double[] firstShift = [0];
        if (before is ScaleStep first && (first.Scale.Length == 1 || size == 1 || size == first.Scale.Length))
        {
            (before, source, firstScale, firstShift) = (first.Before, first.Source, first.Scale, first.Shift);
            size = Math.Max(size, first.Scale.Length);
        }

        at.Budget.Spend(4L * size);
        double[] bothScale = new double[size];
        double[] bothShift = new double[size];
        for (int k = 0; k < size; k++)
        {
            double s = scale[scale.Length == 1 ? 0 : k];
            bothScale[k] = s * firstScale[firstScale.Length == 1 ? 0 : k];
            bothShift[k] = (s * firstShift[firstShift.Length == 1 ? 0 : k]) + shift[shift.Length == 1 ? 0 : k];
        }

        int features = x.Features == 0 && size > 1 ? size : x.Features;
        return size == 1 || size == features
            ? x.Then(new ScaleStep(source, before, bothScale, bothShift), features)
            : throw at.Refuse($"scales {x.Features} features with {size} values");
    }

    private static Value? Moments(NodeScope at, string op, Value? a, Value? b)
    {
        switch (op, a, b)
        {
            case ("ReduceMean", Flow x, _):
                return new Moment(OverFeatures(at, x), MomentKind.Mean);
            case ("ReduceMean", Moment { Kind: MomentKind.Square } square, _):
                return new Moment(OverFeatures(at, square.Of), MomentKind.Variance);
            case ("Sub", Flow x, Moment { Kind: MomentKind.Mean } mean) when ReferenceEquals(x.Last, mean.Of.Last):
                return new Moment(x, MomentKind.Centred);
            case ("Pow", Moment { Kind: MomentKind.Centred } d, Known power) when IsScalar(power, out float two) && two == 2:
                return d with { Kind = MomentKind.Square };
            case ("Mul", Moment { Kind: MomentKind.Centred } d,
                Moment { Kind: MomentKind.Centred } e) when ReferenceEquals(d.Of.Last, e.Of.Last):
                return d with { Kind = MomentKind.Square };
            case ("Add", Moment { Kind: MomentKind.Variance } variance, Known epsilon) when IsScalar(epsilon, out float added):
                return variance with { Epsilon = variance.Epsilon + added };
            case ("Add", Known epsilon, Moment { Kind: MomentKind.Variance } variance) when IsScalar(epsilon, out float added):
                return variance with { Epsilon = variance.Epsilon + added };
            case ("Sqrt", Moment { Kind: MomentKind.Variance } variance, _):
                return variance with { Kind = MomentKind.Deviation };
            case ("Div", Moment { Kind: MomentKind.Centred } d, Moment { Kind: MomentKind.Deviation } root)
                when ReferenceEquals(d.Of.Last, root.Of.Last) && root.Epsilon > 0:
                return d.Of.Then(
                    new LayerNormStep(at.Node.LayerName, d.Of.Last, null, null, d.Of.Features, root.Epsilon), d.Of.Features);
            default:
                return null;
        }
    }

    private static Flow OverFeatures(NodeScope at, Flow x)
    {
        long[]? axes = at.Axes(1);
        bool isFeatures = axes is { Length: 1 } && at.Axis(axes[0], x.Rank) == x.FeatureAxis && x.Features > 0;
        return isFeatures && at.Int("keepdims", 1) == 1
            ? x
            : throw at.Refuse($"averages {x.AxesText} over axes [{string.Join(", ", axes ?? [])}]; an average over time sees "
                + "the whole window and cannot be streamed");
    }

    private static bool IsScalar(Known known, out float value)
    {
        value = known.StoredLength != 1 ? float.NaN : known.Floats?[0] ?? known.Items![0].Value;
        return known.StoredLength == 1;
    }

    private static string QuotedName(Known constant) => Core.Json.QuotedText.Of(constant.Name);
}
