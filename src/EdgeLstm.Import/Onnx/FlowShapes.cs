// Operators that move the axes of the signal, or take its last time step. They compute nothing: the signal of one sample stays
// the same vector, only the places of time, batch and features change.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Onnx;

/// <summary>Follows the axes of the signal.</summary>
internal static partial class FlowShapes
{
    /// <summary>The node's output; null where the operator is not one of these.</summary>
    public static Value? Follow(NodeScope at) => at.Node.OpType switch
    {
        "Identity" or "Dropout" => at.Flow(0),
        "Cast" => Cast(at),
        "Shape" => Folding.Shape(at, Sizes(at.Flow(0))),
        "Transpose" => Transpose(at),
        "Squeeze" => Squeeze(at),
        "Unsqueeze" => Unsqueeze(at),
        "Reshape" => Reshape(at),
        "Flatten" => Flatten(at),
        "Slice" => Slice(at),
        "Gather" => Gather(at),
        "Pad" => Pad(at),
        "Concat" when at.Inputs.Count == 1 => at.Flow(0),
        _ => null,
    };

    private static Flow Cast(NodeScope at) => at.Int("to", 1) is 1 or 10 or 11 or 16
        ? at.Flow(0)
        : throw at.Refuse("rounds the signal to integers; expected a cast to float");

    private static Item[] Sizes(Flow x) => Array.ConvertAll(x.Axes, axis => axis.Roles switch
    {
        "T" when x.Tail != 0 => Item.Unknown,
        _ => axis.Size,
    });

    private static Flow Transpose(NodeScope at)
    {
        Flow x = at.Flow(0);
        return x with { Axes = Array.ConvertAll(Folding.Permutation(at, x.Rank), axis => x.Axes[axis]) };
    }

    private static Flow Squeeze(NodeScope at)
    {
        Flow x = at.Flow(0);
        bool[] goes = Array.ConvertAll(x.Axes, axis => axis.Size.IsOne);
        if (at.Axes(1) is { } axes)
        {
            bool[] named = new bool[x.Rank];
            foreach (long axis in axes)
            {
                int k = at.Axis(axis, x.Rank);
                named[k] = goes[k] ? true : throw at.Refuse($"squeezes axis {k} of {x.AxesText}, which is not of size 1");
            }

            goes = named;
        }

        return x with { Axes = [.. x.Axes.Where((_, axis) => !goes[axis])] };
    }

    private static Flow Unsqueeze(NodeScope at)
    {
        Flow x = at.Flow(0);
        List<FlowAxis> axes = [.. x.Axes];
        foreach (int axis in Folding.UnsqueezedAxes(at, at.Axes(1) ?? throw at.Refuse("its axes are missing"), x.Rank))
        {
            axes.Insert(Math.Min(axis, axes.Count), FlowAxis.One);
        }

        return x with { Axes = [.. axes] };
    }

    private static Flow Slice(NodeScope at)
    {
        Flow x = at.Flow(0);
        foreach ((long start, long end, int axis, long step) in Folding.SliceRanges(at, x.Rank))
        {
            x = Slice(at, x, axis, start, end, step);
        }

        return x;
    }

    private static Flow Slice(NodeScope at, Flow x, int axis, long start, long end, long step)
    {
        FlowAxis sliced = x.Axes[axis];
        long size = sliced.Size.IsNumber ? sliced.Size.Value : long.MaxValue;
        bool reachesEnd = end >= Math.Min(size, int.MaxValue);
        if (start == 0 && reachesEnd && step == 1)
        {
            return x;
        }

        if (sliced.Roles == "T" && x.Tail > 0 && start == 0 && step == 1 && (end == -x.Tail || end == size))
        {
            return x with { Tail = 0 };
        }

        if (sliced.Roles == "T" && step == 1 && reachesEnd && (start == -1 || start == size - 1))
        {
            return LastStep(at, x, axis, FlowAxis.One);
        }

        throw sliced.Size.IsOne && start is 0 or -1
            ? at.Refuse($"takes {start} to {end} of an axis of size 1")
            : at.Refuse($"takes {start} to {end} in steps of {step} of axis {axis} of {x.AxesText}; of time only the last "
                + "step can be taken, of features only all");
    }

    private static Flow Gather(NodeScope at)
    {
        if (at.Input(0) is Known && at.Input(1) is Flow)
        {
            throw at.Refuse($"looks the samples up in the table '{at.InputName(0)}' (an embedding); the network must read "
                + "numbers");
        }

        Flow x = at.Flow(0);
        long[] indices = at.Numbers(1, "indices") ?? throw at.Refuse("its indices are missing");
        int axis = at.Axis(at.Int("axis", 0), x.Rank);
        FlowAxis gathered = x.Axes[axis];
        bool keepsAxis = at.Input(1) is Known { Rank: 1 };
        long size = gathered.Size.IsNumber ? gathered.Size.Value : long.MaxValue;
        if (indices.Length == 1 && gathered.Roles == "T" && (indices[0] == -1 || indices[0] == size - 1))
        {
            return LastStep(at, x, axis, keepsAxis ? FlowAxis.One : null);
        }

        if (indices.Length == 1 && size == 1 && gathered.Roles != "T" && indices[0] is 0 or -1)
        {
            return x with { Axes = keepsAxis ? x.Axes : [.. x.Axes.Where((_, k) => k != axis)] };
        }

        throw at.Refuse($"takes entry {string.Join(", ", indices)} of axis {axis} of {x.AxesText}; of time only the last step "
            + "(-1) can be taken, of batch and features nothing (is batch_first as it should be?)");
    }

    private static Flow LastStep(NodeScope at, Flow x, int axis, FlowAxis? instead)
    {
        if (x.Tail != 0)
        {
            throw at.Refuse("takes the last of time steps that a convolution padded after the end");
        }

        FlowAxis[] axes = instead is { } one
            ? [.. x.Axes[..axis], one, .. x.Axes[(axis + 1)..]]
            : [.. x.Axes[..axis], .. x.Axes[(axis + 1)..]];
        return x with { Axes = axes, IsLastStep = true };
    }

    // Zeros before the first time step are what a causal convolution needs; anything else is no constant of a stream.
    private static Flow Pad(NodeScope at)
    {
        Flow x = at.Flow(0);
        long[] pads = at.Ints("pads") ?? at.Numbers(1, "pads") ?? throw at.Refuse("its pads are missing");
        Known? value = at.KnownOrNone(2, "value");
        bool isZero = at.Float("value", 0) == 0
            && (value is null || value.Floats is [0] || value.Items is [{ Value: 0, IsNumber: true }]);
        if (pads.Length != 2 * x.Rank || at.Input(3) is not null || !isZero || (at.Text("mode") ?? "constant") != "constant")
        {
            throw at.Refuse($"pads with [{string.Join(", ", pads)}]; expected zeros before and after each axis");
        }

        int left = 0;
        for (int axis = 0; axis < x.Rank; axis++)
        {
            bool isTime = x.Axes[axis].Roles == "T";
            left = isTime && pads[axis] is >= 0 and <= 1 << 20 ? (int)pads[axis] : left;
            if ((pads[axis] != 0 && left == 0) || (pads[axis] != 0 && !isTime) || pads[axis + x.Rank] != 0)
            {
                throw at.Refuse($"pads {x.AxesText} with [{string.Join(", ", pads)}]; only zeros before the first time step "
                    + "can be streamed");
            }
        }

        return x with { LeftPad = left };
    }

    private static ModelFileException Mixes(NodeScope at, Flow x) => at.Refuse(
        $"puts time and features of {x.AxesText} into one axis: what follows sees the whole window at once, which cannot be "
            + "streamed");
}
