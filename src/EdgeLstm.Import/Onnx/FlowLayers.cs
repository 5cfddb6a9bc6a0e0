// Operators that compute with the signal and constants: dense layers, scales, normalisations, convolutions.

namespace EdgeLstm.Import.Onnx;

/// <summary>Turns nodes without recurrence into layers.</summary>
internal static partial class FlowLayers
{
    /// <summary>The node's output; null where the operator is not one of these.</summary>
    public static Value? Compute(NodeScope at) => at.Node.OpType switch
    {
        "MatMul" => MatMul(at),
        "Gemm" => Gemm(at),
        "Add" or "Sub" or "Mul" or "Div" or "Neg" or "Sum" or "Pow" or "ReduceMean" or "Sqrt" => Arithmetic(at),
        "BatchNormalization" => BatchNorm(at),
        "LayerNormalization" => LayerNorm(at),
        "Conv" => Conv(at),
        _ => FlowActivations.Compute(at),
    };

    /// <summary>A constant tensor as the canonical layers take it, without leading axes of size 1 beyond
    /// <paramref name="rank"/>.</summary>
    public static SourceTensor Weights(NodeScope at, int input, string meaning, int rank)
    {
        Known known = KnownTensors.Materialise(at.Budget, at.Known(input, meaning));
        while (known.Rank > rank && known.Shape[0].IsOne)
        {
            known = KnownTensors.Remove(known, 0);
        }

        return known is { Floats: { } values } && known.Rank == rank && Array.TrueForAll(known.Shape, size => size.IsNumber)
            ? new SourceTensor(known.Name, known.Stored, values)
            : throw at.Refuse($"its {meaning} '{at.InputName(input)}' has the shape {known.ShapeText}; expected {rank} axes "
                + "of floats");
    }

    /// <summary>A constant with one value for each of <paramref name="count"/> features, or one for all.</summary>
    public static float[]? Vector(NodeScope at, int input, string meaning, int count)
    {
        if (at.KnownOrNone(input, meaning) is null)
        {
            return null;
        }

        SourceTensor vector = Weights(at, input, meaning, 1);
        return vector.Values.Length == count
            ? vector.Values
            : throw at.Refuse($"its {meaning} '{at.InputName(input)}' has {vector.Values.Length} values for {count} features");
    }

    private static Flow MatMul(NodeScope at)
    {
        if (at.Input(1) is Flow && at.Input(0) is Known)
        {
            throw at.Refuse("multiplies a constant by the signal; expected the signal first and the weights [inputs, outputs] "
                + "second");
        }

        if (at.Input(1) is Flow)
        {
            throw at.Refuse("multiplies two signals: attention sees the whole sequence and cannot be streamed");
        }

        Flow x = LastAxisIsFeatures(at, at.Flow(0));
        return Dense(at, x, new DenseStep(at.Node.LayerName, x.Last, Weights(at, 1, "weights", 2), false, 1, null));
    }

    // alpha · A·B + beta · C
    private static Flow Gemm(NodeScope at)
    {
        if (at.Input(0) is not Flow || at.Int("transA", 0) != 0)
        {
            throw at.Refuse("transposes the signal or has it second; expected transA = 0 and the signal first");
        }

        Flow x = LastAxisIsFeatures(at, at.Flow(0));
        SourceTensor w = Weights(at, 1, "weights", 2);
        bool isTransposed = at.Int("transB", 0) != 0;
        var step = new DenseStep(at.Node.LayerName, x.Last, w, isTransposed, at.Float("alpha", 1), null);
        float beta = at.Float("beta", 1);
        if (at.KnownOrNone(2, "bias") is { } bias)
        {
            at.Budget.Spend(step.OutputSize);
            float[] values = Constant(at, bias, x.Rank, x.Rank - 1, step.OutputSize);
            float[] wide = values.Length == 1 ? new float[step.OutputSize] : [.. values];
            for (int k = 0; k < wide.Length; k++)
            {
                wide[k] = beta * values[values.Length == 1 ? 0 : k];
            }

            step = step with { Bias = wide };
        }

        return Dense(at, x, step);
    }

    private static Flow Dense(NodeScope at, Flow x, DenseStep step) => x.Features == 0 || x.Features == step.InputSize
        ? x.Then(step, step.OutputSize)
        : throw at.Refuse($"its weights {step.W.ShapeText} read {step.InputSize} values; the signal has {x.Features}");

    private static Flow LastAxisIsFeatures(NodeScope at, Flow x) => x.Rank > 0 && x.FeatureAxis == x.Rank - 1
        ? x
        : throw at.Refuse($"multiplies {x.AxesText}; expected the features last");

    // (x − mean) / √(variance + epsilon) ⊙ scale + shift, along axis 1.
    private static Flow BatchNorm(NodeScope at)
    {
        Flow x = at.Flow(0);
        if (x.FeatureAxis != 1 || at.Int("training_mode", 0) != 0)
        {
            throw at.Refuse($"normalises axis 1 of {x.AxesText} with training_mode {at.Int("training_mode", 0)}; expected the "
                + "features there, and the trained statistics");
        }

        SourceTensor mean = Weights(at, 3, "mean", 1);
        int size = mean.Values.Length;
        at.Budget.Spend(4L * size);
        float[] variance = Vector(at, 4, "variance", size)!;
        float[]? gamma = Vector(at, 1, "scale", size);
        float[]? beta = Vector(at, 2, "shift", size);
        double epsilon = at.Float("epsilon", 1e-5f);
        double[] scale = new double[size];
        double[] shift = new double[size];
        for (int k = 0; k < size; k++)
        {
            scale[k] = (gamma?[k] ?? 1) / Math.Sqrt(variance[k] + epsilon);
            shift[k] = (beta?[k] ?? 0) - (mean.Values[k] * scale[k]);
        }

        return Scaled(at, x, scale, shift);
    }

    private static Flow LayerNorm(NodeScope at)
    {
        Flow x = at.Flow(0);
        int axis = at.Axis(at.Int("axis", -1), x.Rank);
        if (x.FeatureAxis < axis || x.Axes[axis..].Any(a => a.Roles != "F" && !a.Size.IsOne) || x.Features == 0)
        {
            throw at.Refuse($"normalises {x.AxesText} from axis {axis}; only the features of a sample can be normalised");
        }

        return x.Then(
            new LayerNormStep(
                at.Node.LayerName, x.Last, Vector(at, 1, "scale", x.Features), Vector(at, 2, "shift", x.Features), x.Features,
                at.Float("epsilon", 1e-5f)),
            x.Features);
    }
}
