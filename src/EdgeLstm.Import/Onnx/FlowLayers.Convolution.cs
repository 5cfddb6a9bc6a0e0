// Convolution along time: causal where all zeros stand before the first sample,  y_t = b + Σ_k W_k · x_(t − (K−1−k)·dilation).

namespace EdgeLstm.Import.Onnx;

internal static partial class FlowLayers
{
    private const int MaxReach = 1 << 20;

    private static Flow Conv(NodeScope at)
    {
        Flow x = at.Flow(0);
        int time = Array.FindIndex(x.Axes, axis => axis.Roles == "T");
        bool isOneDimensional = x.Rank >= 3 && x.FeatureAxis == 1 && time >= 2;
        for (int axis = 2; axis < x.Rank && isOneDimensional; axis++)
        {
            isOneDimensional = axis == time || x.Axes[axis].Size.IsOne;
        }

        if (!isOneDimensional || at.Int("group", 1) != 1)
        {
            throw at.Refuse($"convolves {x.AxesText} in {at.Int("group", 1)} group(s); expected [batch, features, time] and "
                + "one group");
        }

        SourceTensor w = Weights(at, 1, "weights", x.Rank);
        int spatial = x.Rank - 2;
        int along = time - 2;
        int kernel = w.Shape[time];
        if (w.Values.Length != (long)w.Shape[0] * w.Shape[1] * kernel || w.Values.Length == 0)
        {
            throw at.Refuse($"its weights {w.ShapeText} span more than time");
        }

        long[] strides = at.Ints("strides") ?? Repeated(1, spatial);
        long[] dilations = at.Ints("dilations") ?? Repeated(1, spatial);
        if (strides.Length != spatial || dilations.Length != spatial || strides[along] != 1
            || dilations[along] is < 1 or > MaxReach || x.Tail != 0)
        {
            throw at.Refuse($"has strides [{string.Join(", ", strides)}] and dilations [{string.Join(", ", dilations)}]; "
                + "expected an output for each sample (stride 1)");
        }

        long reach = (kernel - 1) * dilations[along];
        (long left, long right) = Pads(at, spatial, along, reach);
        left += x.LeftPad;
        int tail = left == reach && (right == 0 || right == reach) && reach <= MaxReach ? (int)right
            : throw at.Refuse($"has {left} zeros before and {right} after the samples; its kernel reaches over {reach} past "
                + $"samples, so that it is causal with {reach} before and 0 after. Other ones see the future");
        if (x.Features != 0 && x.Features != w.Shape[1])
        {
            throw at.Refuse($"its weights {w.ShapeText} read {w.Shape[1]} values; the signal has {x.Features}");
        }

        float[]? bias = Vector(at, 2, "bias", w.Shape[0]);
        var flat = new SourceTensor(w.Name, [w.Shape[0], w.Shape[1], kernel], w.Values);
        Flow y = x.Then(new ConvStep(at.Node.LayerName, x.Last, flat, bias, (int)dilations[along]), w.Shape[0]);
        return y with { LeftPad = 0, Tail = tail };
    }

    // Begins of all axes, then ends.
    private static (long Left, long Right) Pads(NodeScope at, int spatial, int along, long reach)
    {
        string auto = at.Text("auto_pad") ?? "NOTSET";
        if (auto is "VALID" || (auto == "SAME_LOWER" && reach == 0) || (auto == "SAME_UPPER" && reach == 0))
        {
            return (0, 0);
        }

        long[] pads = at.Ints("pads") ?? Repeated(0, 2 * spatial);
        bool isKnown = auto == "NOTSET" && pads.Length == 2 * spatial
            && Array.TrueForAll(pads, pad => pad is >= 0 and <= MaxReach);
        for (int axis = 0; axis < spatial && isKnown; axis++)
        {
            isKnown = axis == along || (pads[axis] == 0 && pads[axis + spatial] == 0);
        }

        return isKnown
            ? (pads[along], pads[along + spatial])
            : throw at.Refuse($"pads {auto} [{string.Join(", ", pads)}], which sees the future; export a causal convolution, "
                + $"with {reach} zeros before the samples");
    }

    private static long[] Repeated(long value, int count)
    {
        long[] values = new long[count];
        Array.Fill(values, value);
        return values;
    }
}
