// Reshape of the signal: the axes of the result must each take whole axes of the signal, in their order.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Onnx;

internal static partial class FlowShapes
{
    private static Flow Flatten(NodeScope at)
    {
        Flow x = at.Flow(0);
        long given = at.Int("axis", 1);
        int split = given == x.Rank ? x.Rank : at.Axis(given, x.Rank);
        return x with { Axes = [Merge(at, x, Roles(x.Axes[..split])), Merge(at, x, Roles(x.Axes[split..]))] };
    }

    // One size may be left open: -1, or a product of sizes that only a run knows.
    private static Flow Reshape(NodeScope at)
    {
        Flow x = at.Flow(0);
        Known shape = at.Known(1, "shape");
        Item[] target = shape is { Items: { } items, Rank: 1, StoredLength: <= 8 } && shape.Shape[0] == new Item(items.Length)
            ? items
            : throw at.Refuse("its shape is no list of at most 8 sizes");
        string roles = Roles(x.Axes);
        string?[] taken = new string?[target.Length];
        int inferred = Array.FindIndex(target, size => size == new Item(-1) || size.Kind == ItemKind.Unknown);
        int left = 0;
        int right = roles.Length;
        bool copies = at.Int("allowzero", 0) == 0;
        for (int axis = 0; axis < target.Length && axis != inferred; axis++)
        {
            taken[axis] = copies && target[axis] == new Item(0) && axis < x.Rank
                ? Copied(x.Axes[axis].Roles, roles, ref left)
                : Take(x, roles, left, right, 1, target[axis]);
            left += taken[axis]?.Length ?? throw Disagree(at, x, target);
        }

        for (int axis = target.Length - 1; inferred >= 0 && axis > inferred; axis--)
        {
            taken[axis] = Take(x, roles, left, right, -1, target[axis]);
            right -= taken[axis]?.Length ?? throw Disagree(at, x, target);
        }

        string rest = roles[left..right];
        if (inferred >= 0)
        {
            taken[inferred] = rest;
        }
        else if (rest.Any(role => !Size(x, role).IsOne))
        {
            throw Disagree(at, x, target);
        }

        return x with { Axes = Array.ConvertAll(taken, role => Merge(at, x, role!)) };
    }

    // A size of 0 means the axis at the same place.
    private static string? Copied(string axis, string roles, ref int left) =>
        roles.AsSpan(left).StartsWith(axis, StringComparison.Ordinal) ? axis : null;

    // Takes roles from the left or the right until their sizes make up the wanted one; null where they do not.
    private static string? Take(Flow x, string roles, int left, int right, int direction, Item wanted)
    {
        long product = 1;
        int taken = 0;
        while (taken < right - left)
        {
            int at = direction > 0 ? left + taken : right - 1 - taken;
            Item size = Size(x, roles[at]);
            if (wanted.IsOne)
            {
                // An axis of size 1 is the next one where that is such a one, else a new one.
                return size.IsOne ? roles[at].ToString() : "";
            }

            taken++;
            bool isIt = product == 1 && (wanted.IsNumber ? !size.IsNumber && roles[at] is 'T' or 'B' : size == wanted);
            product *= size.IsNumber ? size.Value : 1;
            if (isIt || (wanted.IsNumber && product == wanted.Value))
            {
                return direction > 0 ? roles.Substring(left, taken) : roles.Substring(right - taken, taken);
            }

            if (!size.IsNumber || (wanted.IsNumber && product > wanted.Value))
            {
                return null;
            }
        }

        return wanted.IsOne ? "" : null;
    }

    private static Item Size(Flow x, char role) => role switch
    {
        'T' => x.Time,
        'B' => x.Batch,
        _ => x.Features > 0 ? new Item(x.Features) : Item.Unknown,
    };

    private static string Roles(FlowAxis[] axes) => string.Concat(axes.Select(axis => axis.Roles));

    // Axes of size 1 vanish in larger ones.
    private static FlowAxis Merge(NodeScope at, Flow x, string roles)
    {
        string kept = roles.Length > 1 ? new string(Array.FindAll(roles.ToCharArray(), role => !Size(x, role).IsOne)) : roles;
        if (kept.Length > 1 && kept.Contains('F', StringComparison.Ordinal))
        {
            throw Mixes(at, x);
        }

        return kept.Length switch
        {
            0 => FlowAxis.One,
            1 => new FlowAxis(kept, Size(x, kept[0])),
            _ => new FlowAxis(kept, x.Time.IsNumber && x.Batch.IsNumber ? new Item(x.Time.Value * x.Batch.Value) : Item.Unknown),
        };
    }

    private static ModelFileException Disagree(NodeScope at, Flow x, Item[] target) => at.Refuse(
        $"gives {x.AxesText} the shape [{string.Join<Item>(", ", target)}], which takes axes of the signal apart");
}
