// Folding of operators that change shapes, and of arithmetic.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Onnx;

internal static partial class Folding
{
    private static Known Unsqueeze(NodeScope at)
    {
        Known x = at.Known(0, "input");
        long[] axes = at.Axes(1) ?? throw at.Refuse("its axes are missing");
        foreach (int axis in UnsqueezedAxes(at, axes, x.Rank))
        {
            x = KnownTensors.Insert(x, axis);
        }

        return x;
    }

    /// <summary>The axes of an Unsqueeze, as positions in its result, in rising order.</summary>
    public static int[] UnsqueezedAxes(NodeScope at, long[] axes, int rank)
    {
        int result = rank + axes.Length <= 8 ? rank + axes.Length : throw at.Refuse("makes more than 8 axes, the limit");
        int[] sorted = Array.ConvertAll(axes, axis => at.Axis(axis, result));
        Array.Sort(sorted);
        return sorted;
    }

    private static Known Squeeze(NodeScope at)
    {
        Known x = at.Known(0, "input");
        long[] axes = at.Axes(1)
            ?? Array.FindAll(ArrayProjection.Of(x.Rank, axis => (long)axis), axis => x.Shape[(int)axis].IsOne);
        int[] sorted = Array.ConvertAll(axes, axis => at.Axis(axis, x.Rank));
        Array.Sort(sorted);
        for (int k = sorted.Length - 1; k >= 0; k--)
        {
            bool isAgain = k > 0 && sorted[k - 1] == sorted[k];
            x = !isAgain && x.Shape[sorted[k]].IsOne
                ? KnownTensors.Remove(x, sorted[k])
                : throw at.Refuse($"squeezes axis {sorted[k]} of {x.ShapeText}, which is not of size 1");
        }

        return x;
    }

    private static Known Reshape(NodeScope at)
    {
        Known x = at.Known(0, "input");
        Item[] target = Sizes(at, 1, "shape");
        for (int axis = 0; axis < target.Length; axis++)
        {
            bool isCopied = target[axis] == new Item(0) && at.Int("allowzero", 0) == 0 && axis < x.Rank;
            target[axis] = isCopied ? x.Shape[axis] : target[axis];
        }

        // A single stored value stands for a tensor of any shape, as long as nothing says that the shapes do not agree.
        bool isAny = x.StoredLength == 1
            && Array.TrueForAll(target, size => size.IsNumber ? size.Value > 0 : size.Kind != ItemKind.Unknown);
        if (isAny && (Volume(x.Shape) is not { } before || Volume(target) is not { } after || before == after))
        {
            return KnownTensors.WithShape(x, target, Ones(target.Length));
        }

        x = KnownTensors.Materialise(at.Budget, x);
        return KnownTensors.WithShape(x, target, StoredOf(at, x, target));
    }

    private static long? Volume(Item[] shape)
    {
        long volume = 1;
        foreach (Item size in shape)
        {
            volume = size.IsNumber ? Math.Min(volume * size.Value, int.MaxValue) : -1;
            if (volume < 0)
            {
                return null;
            }
        }

        return volume;
    }

    // Sizes that are not numbers store one entry; -1 is what is left, which may be such a size.
    private static int[] StoredOf(NodeScope at, Known x, Item[] target)
    {
        Item open = Array.Find(x.Shape, size => !size.IsNumber);
        bool isOpenGiven = Array.Exists(target, size => !size.IsNumber);
        long rest = x.StoredLength;
        int inferred = -1;
        int[] stored = Ones(target.Length);
        for (int axis = 0; axis < target.Length; axis++)
        {
            if (target[axis] == new Item(-1) && inferred < 0)
            {
                inferred = axis;
            }
            else if (target[axis].IsNumber)
            {
                bool divides = target[axis].Value > 0 && rest % target[axis].Value == 0;
                rest = divides ? rest / target[axis].Value : throw NoReshape(at, x, target);
                stored[axis] = (int)target[axis].Value;
            }
        }

        bool isOpen = open != default;
        if (inferred >= 0)
        {
            target[inferred] = isOpen && !isOpenGiven && rest == 1 ? open : new Item(rest);
            stored[inferred] = (int)rest;
            isOpenGiven |= !target[inferred].IsNumber;
            rest = 1;
        }

        return rest == 1 && isOpen == isOpenGiven ? stored : throw NoReshape(at, x, target);
    }

    private static ModelFileException NoReshape(NodeScope at, Known x, Item[] target) =>
        at.Refuse($"gives {x.ShapeText} the shape [{string.Join<Item>(", ", target)}]; their sizes do not agree");

    private static Known Flatten(NodeScope at)
    {
        Known x = KnownTensors.Materialise(at.Budget, at.Known(0, "input"));
        long axis = at.Int("axis", 1);
        int split = axis == x.Rank ? x.Rank : at.Axis(axis, x.Rank);
        if (Array.Exists(x.Shape, size => !size.IsNumber))
        {
            throw at.Refuse($"flattens {x.ShapeText}, whose sizes are not all fixed");
        }

        int outer = x.Stored[..split].Aggregate(1, (product, size) => product * size);
        int inner = x.Stored[split..].Aggregate(1, (product, size) => product * size);
        return KnownTensors.WithShape(x, [new Item(outer), new Item(inner)], [outer, inner]);
    }

    private static Known Expand(NodeScope at)
    {
        Known x = at.Known(0, "input");
        Item[] target = Sizes(at, 1, "shape");
        while (x.Rank < target.Length)
        {
            x = KnownTensors.Insert(x, 0);
        }

        Item[] shape = [.. x.Shape];
        for (int k = 1; k <= target.Length; k++)
        {
            Item size = target[^k];
            if (size.Kind == ItemKind.Unknown || (size.IsNumber && size.Value < 1))
            {
                throw at.Refuse($"expands to [{string.Join<Item>(", ", target)}], which is not known");
            }

            // A size that is fixed in the tensor wins: exporters keep one example's batch.
            shape[^k] = shape[^k].IsOne ? size : shape[^k];
        }

        return x with { Shape = shape };
    }

    private static Known Tile(NodeScope at)
    {
        Known x = at.Known(0, "input");
        Item[] repeats = Sizes(at, 1, "repeats");
        Item[] shape = [.. x.Shape];
        for (int axis = 0; axis < shape.Length && axis < repeats.Length; axis++)
        {
            bool isPlain = repeats[axis].IsOne || (shape[axis].IsOne && (!repeats[axis].IsNumber || repeats[axis].Value > 0));
            shape[axis] = repeats[axis].IsOne ? shape[axis]
                : isPlain ? repeats[axis]
                : throw at.Refuse($"repeats {x.ShapeText} [{string.Join<Item>(", ", repeats)}] times; only axes of size 1 may "
                    + "be repeated");
        }

        return x with { Shape = shape };
    }

    private static Known Unary(NodeScope at)
    {
        Known x = at.Known(0, "input");
        at.Budget.Spend(x.StoredLength);
        if (x.Floats is { } floats)
        {
            return x with
            {
                Floats = Array.ConvertAll(floats, value => at.Node.OpType switch
                {
                    "Neg" => -value,
                    "Sqrt" => MathF.Sqrt(value),
                    _ => 1 / value,
                }),
            };
        }

        return at.Node.OpType == "Neg"
            ? x with { Items = Array.ConvertAll(x.Items!, item => item.IsNumber ? new Item(-item.Value) : Item.Unknown) }
            : throw at.Refuse("reads integers");
    }

    private static Known Binary(NodeScope at)
    {
        (Known a, Known b) = Broadcast(at, at.Known(0, "first input"), at.Known(1, "second input"));
        if ((a.Floats is null) != (b.Floats is null))
        {
            throw at.Refuse("reads floats and integers together");
        }

        string op = at.Node.OpType;
        if (a.Floats is null)
        {
            Item[] items = new Item[a.Items!.Length];
            for (int k = 0; k < items.Length; k++)
            {
                items[k] = Compute(op, a.Items[k], b.Items![k]);
            }

            return a with { Items = items };
        }

        float[] floats = new float[a.Floats.Length];
        for (int k = 0; k < floats.Length; k++)
        {
            (float x, float y) = (a.Floats[k], b.Floats![k]);
            floats[k] = op switch { "Add" => x + y, "Sub" => x - y, "Mul" => x * y, "Div" => x / y, _ => x == y ? 1 : 0 };
        }

        return op == "Equal"
            ? a with { Floats = null, Items = Array.ConvertAll(floats, value => new Item((long)value)) }
            : a with { Floats = floats };
    }

    // A size that only a run knows stays itself under · 1, / 1, + 0 and - 0, and is never equal to a number below 0.
    private static Item Compute(string op, Item a, Item b)
    {
        if (a.IsNumber && b.IsNumber)
        {
            return op switch
            {
                "Add" => new Item(a.Value + b.Value),
                "Sub" => new Item(a.Value - b.Value),
                "Mul" => new Item(a.Value * b.Value),
                "Div" => b.Value is 0 or -1 ? Item.Unknown : new Item(a.Value / b.Value),
                _ => new Item(a.Value == b.Value ? 1 : 0),
            };
        }

        Item neutral = new(op is "Mul" or "Div" ? 1 : 0);
        return op == "Equal"
            ? (a.IsNumber && a.Value < 0) || (b.IsNumber && b.Value < 0) ? new Item(0) : Item.Unknown
            : b == neutral ? a
            : a == neutral && op is "Mul" or "Add" ? b
            : Item.Unknown;
    }

    private static Known Where(NodeScope at)
    {
        Known condition = at.Known(0, "condition");
        (Known a, Known b) = Broadcast(at, at.Known(1, "first input"), at.Known(2, "second input"));
        (condition, a) = Broadcast(at, condition, a);
        (condition, b) = Broadcast(at, condition, b);
        if (condition.Items is not { } chosen || a.Items is null || b.Items is null || a.StoredLength != b.StoredLength)
        {
            throw at.Refuse("chooses between floats; only sizes are folded");
        }

        Item[] items = new Item[chosen.Length];
        for (int k = 0; k < items.Length; k++)
        {
            items[k] = !chosen[k].IsNumber ? Item.Unknown : chosen[k].Value != 0 ? a.Items[k] : b.Items[k];
        }

        return a with { Items = items };
    }

    /// <summary>Both with the axes and stored sizes of their common shape.</summary>
    private static (Known A, Known B) Broadcast(NodeScope at, Known a, Known b)
    {
        while (a.Rank < b.Rank)
        {
            a = KnownTensors.Insert(a, 0);
        }

        while (b.Rank < a.Rank)
        {
            b = KnownTensors.Insert(b, 0);
        }

        Item[] shape = new Item[a.Rank];
        int[] stored = new int[a.Rank];
        for (int axis = 0; axis < a.Rank; axis++)
        {
            bool fits = a.Shape[axis].IsOne || b.Shape[axis].IsOne || a.Shape[axis] == b.Shape[axis];
            if (!fits)
            {
                throw at.Refuse($"the shapes {a.ShapeText} and {b.ShapeText} do not go together");
            }

            shape[axis] = a.Shape[axis].IsOne ? b.Shape[axis] : a.Shape[axis];
            stored[axis] = Math.Max(a.Stored[axis], b.Stored[axis]);
        }

        return (Stretch(at, a, shape, stored), Stretch(at, b, shape, stored));
    }

    private static Known Stretch(NodeScope at, Known x, Item[] shape, int[] stored)
    {
        int[] strides = KnownTensors.Strides(x.Stored);
        for (int axis = 0; axis < stored.Length; axis++)
        {
            strides[axis] = x.Stored[axis] == stored[axis] ? strides[axis] : 0;
        }

        return x.Stored.AsSpan().SequenceEqual(stored)
            ? x with { Shape = shape }
            : KnownTensors.Copy(at.Budget, x, shape, stored, strides, 0);
    }
}
