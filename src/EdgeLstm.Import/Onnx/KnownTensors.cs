// Views of constants: every operator that only moves values is a strided copy,  y[i0, i1, …] = x[offset + i0·s0 + i1·s1 + …].


namespace EdgeLstm.Import.Onnx;

/// <summary>Moves values of constants; along an axis that stores a single value it stays so.</summary>
internal static class KnownTensors
{
    public static Known Transpose(NodeScope at, Known x, int[] perm)
    {
        int[] strides = Strides(x.Stored);
        return Copy(
            at.Budget, x, Array.ConvertAll(perm, axis => x.Shape[axis]), Array.ConvertAll(perm, axis => x.Stored[axis]),
            Array.ConvertAll(perm, axis => strides[axis]), 0);
    }

    /// <summary><paramref name="count"/> entries of an axis, from <paramref name="start"/> in steps of
    /// <paramref name="step"/>.</summary>
    public static Known Range(NodeScope at, Known x, int axis, int start, int count, int step)
    {
        int[] strides = Strides(x.Stored);
        Item[] shape = [.. x.Shape];
        int[] stored = [.. x.Stored];
        shape[axis] = new Item(count);
        int offset = 0;
        if (stored[axis] > 1)
        {
            stored[axis] = count;
            offset = start * strides[axis];
            strides[axis] *= step;
        }

        return Copy(at.Budget, x, shape, stored, strides, offset);
    }

    /// <summary>The same values with another shape that stores as many.</summary>
    public static Known WithShape(Known x, Item[] shape, int[] stored) => x with { Shape = shape, Stored = stored };

    public static Known Remove(Known x, int axis) =>
        x with { Shape = Without(x.Shape, axis), Stored = Without(x.Stored, axis) };

    public static Known Insert(Known x, int axis) => x with
    {
        Shape = [.. x.Shape[..axis], new Item(1), .. x.Shape[axis..]],
        Stored = [.. x.Stored[..axis], 1, .. x.Stored[axis..]],
    };

    /// <summary>Writes out all axes whose size is a number.</summary>
    public static Known Materialise(FoldBudget budget, Known x)
    {
        int[] strides = Strides(x.Stored);
        int[] stored = [.. x.Stored];
        long total = 1;
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (x.Shape[axis].IsNumber && x.Shape[axis].Value != stored[axis])
            {
                stored[axis] = (int)Math.Min(x.Shape[axis].Value, int.MaxValue);
                strides[axis] = 0;
            }

            total = Math.Min(total * stored[axis], int.MaxValue);
        }

        // Axes of size 1 stored as 1 keep what they are.
        budget.Spend(total == int.MaxValue ? -1 : 0);
        return stored.AsSpan().SequenceEqual(x.Stored) ? x : Copy(budget, x, x.Shape, stored, strides, 0);
    }

    /// <summary>Concatenates along an axis; all are floats or all are integers.</summary>
    public static Known Concatenate(NodeScope at, Known[] parts, int axis)
    {
        Known[] whole = Array.ConvertAll(parts, part => Materialise(at.Budget, part));
        long length = 0;
        foreach (Known part in whole)
        {
            bool fits = part.Rank == whole[0].Rank && (part.Floats is null) == (whole[0].Floats is null)
                && part.Shape[axis].IsNumber && SameBut(axis, part.Stored, whole[0].Stored);
            if (!fits)
            {
                throw at.Refuse($"concatenates {whole[0].ShapeText} and {part.ShapeText} along axis {axis}; their other sizes "
                    + "differ");
            }

            length += part.Shape[axis].Value;
            at.Budget.Spend(part.StoredLength);
        }

        Item[] shape = [.. whole[0].Shape];
        shape[axis] = new Item(length);
        int[] stored = [.. whole[0].Stored];
        stored[axis] = checked((int)length);
        return whole[0].Floats is null
            ? new Known(whole[0].Name, shape, stored, null, Join(Array.ConvertAll(whole, part => part.Items!), whole, axis))
            : new Known(whole[0].Name, shape, stored, Join(Array.ConvertAll(whole, part => part.Floats!), whole, axis), null);
    }

    /// <summary>Strided copy of floats or integers into a new tensor of the sizes <paramref name="stored"/>.</summary>
    public static Known Copy(FoldBudget budget, Known x, Item[] shape, int[] stored, int[] strides, int offset)
    {
        long total = 1;
        foreach (int size in stored)
        {
            total *= size;
            budget.Spend(total > int.MaxValue ? -1 : 0);
        }

        budget.Spend(total);
        return new Known(
            x.Name, shape, stored, x.Floats is null ? null : Copy(x.Floats, stored, strides, offset, (int)total),
            x.Items is null ? null : Copy(x.Items, stored, strides, offset, (int)total));
    }

    public static int[] Strides(int[] stored)
    {
        int[] strides = new int[stored.Length];
        int stride = 1;
        for (int axis = stored.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= stored[axis];
        }

        return strides;
    }

    private static T[] Copy<T>(T[] source, int[] stored, int[] strides, int offset, int total)
    {
        T[] copy = new T[total];
        int[] index = new int[stored.Length];
        for (int k = 0; k < total; k++)
        {
            copy[k] = source[offset];
            for (int axis = stored.Length - 1; axis >= 0; axis--)
            {
                offset += strides[axis];
                if (++index[axis] < stored[axis])
                {
                    break;
                }

                offset -= strides[axis] * stored[axis];
                index[axis] = 0;
            }
        }

        return copy;
    }

    private static T[] Join<T>(T[][] values, Known[] parts, int axis)
    {
        T[] joined = new T[values.Sum(part => part.Length)];
        int outer = 1;
        for (int k = 0; k < axis; k++)
        {
            outer *= parts[0].Stored[k];
        }

        int at = 0;
        for (int row = 0; row < outer; row++)
        {
            foreach (T[] part in values)
            {
                int block = part.Length / outer;
                part.AsSpan(row * block, block).CopyTo(joined.AsSpan(at));
                at += block;
            }
        }

        return joined;
    }

    private static bool SameBut(int axis, int[] a, int[] b)
    {
        for (int k = 0; k < a.Length; k++)
        {
            if (k != axis && a[k] != b[k])
            {
                return false;
            }
        }

        return true;
    }

    private static T[] Without<T>(T[] values, int axis) => [.. values[..axis], .. values[(axis + 1)..]];
}
