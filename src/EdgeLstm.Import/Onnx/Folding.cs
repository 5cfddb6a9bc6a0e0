// The operators whose result is known without running the network, because all they read is: Constant, Shape, Slice, Concat,
// Gather, Reshape, … of initialisers and of the input's sizes.

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Import.Onnx;

/// <summary>Folds one node.</summary>
internal static partial class Folding
{
    /// <summary>The values of the node's outputs; null where the operator is not one of these.</summary>
    public static Value[]? Fold(NodeScope at) => at.Node.OpType switch
    {
        "Constant" => [Constant(at)],
        "ConstantOfShape" => [ConstantOfShape(at)],
        "Identity" or "Dropout" => [at.Known(0, "input")],
        "Cast" => [Cast(at)],
        "Shape" => [Shape(at, at.Known(0, "input").Shape)],
        "Transpose" => [Transpose(at)],
        "Slice" => [Slice(at)],
        "Gather" => [Gather(at)],
        "Concat" => [Concat(at)],
        "Split" => Split(at),
        "Unsqueeze" => [Unsqueeze(at)],
        "Squeeze" => [Squeeze(at)],
        "Reshape" => [Reshape(at)],
        "Flatten" => [Flatten(at)],
        "Expand" => [Expand(at)],
        "Tile" => [Tile(at)],
        "Add" or "Sub" or "Mul" or "Div" or "Equal" => [Binary(at)],
        "Neg" or "Sqrt" or "Reciprocal" => [Unary(at)],
        "Where" => [Where(at)],
        _ => null,
    };

    /// <summary>Sizes as the operator Shape gives them.</summary>
    public static Known Shape(NodeScope at, Item[] sizes)
    {
        int start = (int)Math.Clamp(Resolved(at.Int("start", 0), sizes.Length), 0, sizes.Length);
        int end = (int)Math.Clamp(Resolved(at.Int("end", sizes.Length), sizes.Length), start, sizes.Length);
        return Known.Vector(at.Node.Shown, sizes[start..end]);
    }

    /// <summary>Start, end, axis and step of each axis a Slice names; from attributes before opset 10.</summary>
    public static (long Start, long End, int Axis, long Step)[] SliceRanges(NodeScope at, int rank)
    {
        long[] starts = at.Ints("starts") ?? at.Numbers(1, "starts") ?? throw at.Refuse("its starts are missing");
        long[] ends = at.Ints("ends") ?? at.Numbers(2, "ends") ?? throw at.Refuse("its ends are missing");
        long[]? axes = at.Axes(3);
        long[]? steps = at.Numbers(4, "steps");
        bool fits = ends.Length == starts.Length && (axes?.Length ?? starts.Length) == starts.Length
            && (steps?.Length ?? starts.Length) == starts.Length && starts.Length <= rank;
        if (!fits)
        {
            throw at.Refuse($"has {starts.Length} starts, {ends.Length} ends, {axes?.Length} axes and {steps?.Length} steps");
        }

        var ranges = new (long, long, int, long)[starts.Length];
        for (int k = 0; k < ranges.Length; k++)
        {
            ranges[k] = (starts[k], ends[k], at.Axis(axes?[k] ?? k, rank), steps?[k] ?? 1);
        }

        return ranges;
    }

    /// <summary>The order of axes of a Transpose.</summary>
    public static int[] Permutation(NodeScope at, int rank)
    {
        long[] perm = at.Ints("perm") is { Length: > 0 } given
            ? given
            : ArrayProjection.Of(rank, k => (long)(rank - 1 - k));
        bool[] seen = new bool[rank];
        foreach (long axis in perm)
        {
            if (axis < 0 || axis >= rank || seen[axis] || perm.Length != rank)
            {
                throw at.Refuse($"its perm [{string.Join(", ", perm)}] is no order of {rank} axes");
            }

            seen[axis] = true;
        }

        return Array.ConvertAll(perm, axis => (int)axis);
    }

    private static Known Constant(NodeScope at)
    {
        if (at.Attribute("value")?.Tensor is { } tensor)
        {
            return at.Tensor(tensor);
        }

        string name = at.Node.Shown;
        return at.Attribute("value_float") is { } single ? new Known(name, [], [], [single.Float], null)
            : at.Attribute("value_int") is { } integer ? Known.Scalar(name, new Item(integer.Integer))
            : at.Attribute("value_ints") is { } integers
                ? Known.Vector(name, integers.Integers.ToArray(value => new Item(value)))
            : at.Attribute("value_floats") is { } floats
                ? new Known(name, [new Item(floats.Floats.Count)], [floats.Floats.Count], [.. floats.Floats], null)
            : throw at.Refuse("holds no tensor of numbers");
    }

    private static Known ConstantOfShape(NodeScope at)
    {
        Item[] shape = Sizes(at, 0, "shape");
        Known value = at.Attribute("value")?.Tensor is { } tensor ? at.Tensor(tensor) : new Known("zero", [], [], [0], null);
        if (value.StoredLength != 1 || !Array.TrueForAll(shape, size => !size.IsNumber || size.Value > 0))
        {
            throw at.Refuse($"fills the shape [{string.Join<Item>(", ", shape)}] with {value.StoredLength} values; expected "
                + "sizes above 0 and one value");
        }

        return KnownTensors.WithShape(value with { Name = at.Node.Shown }, shape, Ones(shape.Length));
    }

    private static Known Cast(NodeScope at)
    {
        Known x = at.Known(0, "input");
        bool toFloat = at.Int("to", 1) is 1 or 10 or 11 or 16;
        if (toFloat && x.Items is { } items && Array.TrueForAll(items, item => item.IsNumber))
        {
            at.Budget.Spend(items.Length);
            return x with { Items = null, Floats = Array.ConvertAll(items, item => (float)item.Value) };
        }

        if (!toFloat && x.Floats is { } floats)
        {
            at.Budget.Spend(floats.Length);
            bool isBoolean = at.Int("to", 1) == 9;
            return x with
            {
                Floats = null,
                Items = Array.ConvertAll(floats, value => new Item(isBoolean ? (value != 0 ? 1 : 0) : (long)value)),
            };
        }

        return x;
    }

    private static Known Transpose(NodeScope at)
    {
        Known x = at.Known(0, "input");
        return KnownTensors.Transpose(at, x, Permutation(at, x.Rank));
    }

    private static Known Slice(NodeScope at)
    {
        Known x = at.Known(0, "input");
        foreach ((long start, long end, int axis, long step) in SliceRanges(at, x.Rank))
        {
            if (!x.Shape[axis].IsNumber)
            {
                bool isWhole = start == 0 && end >= int.MaxValue && step == 1;
                x = isWhole ? x : throw at.Refuse($"takes a part of the axis {x.Shape[axis]}, whose size is not fixed");
                continue;
            }

            (int first, int count) = Bounds(at, start, end, step, x.Shape[axis].Value);
            x = KnownTensors.Range(at, x, axis, first, count, (int)Math.Clamp(step, -int.MaxValue, int.MaxValue));
        }

        return x;
    }

    // Negative ends count from the end; beyond it they are cut off. Steps may go backwards.
    private static (int First, int Count) Bounds(NodeScope at, long start, long end, long step, long size)
    {
        if (step == 0)
        {
            throw at.Refuse("has a step of 0");
        }

        step = Math.Clamp(step, -int.MaxValue, int.MaxValue);
        long least = step > 0 ? 0 : -1;
        long first = Math.Clamp(Resolved(start, size), least, step > 0 ? size : size - 1);
        long last = Math.Clamp(Resolved(end, size), least, step > 0 ? size : size - 1);
        long count = step > 0 ? (last - first + step - 1) / step : (first - last - step - 1) / -step;
        return count > 0
            ? ((int)first, (int)count)
            : throw at.Refuse($"takes {start} to {end} of {size} entries, which is none");
    }

    private static Known Gather(NodeScope at)
    {
        Known x = at.Known(0, "input");
        Known indices = at.Known(1, "indices");
        int axis = at.Axis(at.Int("axis", 0), x.Rank);
        if (indices.Rank > 1 || !x.Shape[axis].IsNumber)
        {
            throw at.Refuse($"gathers from {x.ShapeText} with indices {indices.ShapeText}; expected one index or a list of "
                + "them, and a fixed size");
        }

        Known[] picked = Array.ConvertAll(
            KnownTensors.Materialise(at.Budget, indices).Items ?? throw at.Refuse("its indices are no integers"),
            index => KnownTensors.Range(at, x, axis, Entry(at, index, x.Shape[axis].Value), 1, 1));
        return indices.Rank == 0 ? KnownTensors.Remove(picked[0], axis)
            : picked.Length == 0 ? throw at.Refuse("gathers nothing")
            : picked.Length == 1 ? picked[0]
            : KnownTensors.Concatenate(at, picked, axis);
    }

    private static int Entry(NodeScope at, Item index, long size)
    {
        long entry = index.Value < 0 ? index.Value + size : index.Value;
        return index.IsNumber && entry >= 0 && entry < size
            ? (int)entry
            : throw at.Refuse($"index {index} is not one of {size} entries");
    }

    private static Known Concat(NodeScope at)
    {
        Known[] parts = new Known[at.Inputs.Count];
        for (int k = 0; k < parts.Length; k++)
        {
            parts[k] = at.Known(k, "input");
        }

        return parts.Length > 0
            ? KnownTensors.Concatenate(at, parts, at.Axis(at.Int("axis", 0), parts[0].Rank))
            : throw at.Refuse("has no input");
    }

    private static Known[] Split(NodeScope at)
    {
        Known x = at.Known(0, "input");
        int axis = at.Axis(at.Int("axis", 0), x.Rank);
        long total = x.Shape[axis].IsNumber ? x.Shape[axis].Value : 0;
        int parts = Math.Max(1, at.Node.Outputs.Count);
        long[] sizes = at.Ints("split") ?? at.Numbers(1, "split")
            ?? ArrayProjection.Of(
                parts, k => Math.Min((total + parts - 1) / parts, total - (k * ((total + parts - 1) / parts))));
        if (sizes.Length != parts || Array.Exists(sizes, size => size < 1 || size > total) || sizes.Sum() != total)
        {
            throw at.Refuse($"splits {x.Shape[axis]} entries into [{string.Join(", ", sizes)}] for {parts} outputs");
        }

        long start = 0;
        Known[] results = new Known[parts];
        for (int k = 0; k < parts; k++)
        {
            results[k] = KnownTensors.Range(at, x, axis, (int)start, (int)sizes[k], 1);
            start += sizes[k];
        }

        return results;
    }

    private static long Resolved(long index, long size) => index < 0 ? index + size : index;

    private static Item[] Sizes(NodeScope at, int input, string meaning)
    {
        Known known = KnownTensors.Materialise(at.Budget, at.Known(input, meaning));
        return known is { Items: { } items, Rank: 1 } && items.Length <= 8
            ? items
            : throw at.Refuse($"its {meaning} is no list of at most 8 sizes");
    }

    private static int[] Ones(int count)
    {
        int[] ones = new int[count];
        Array.Fill(ones, 1);
        return ones;
    }
}
