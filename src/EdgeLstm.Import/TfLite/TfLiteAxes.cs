// Follows what the axes of the values mean through the operators that only move them:  [1, 28, 20] → [28, 20]  is
// [time, feature].

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Import.TfLite;

/// <summary>An axis: which one of the network's input it is, and its size.</summary>
/// <param name="Label">0 or 1: that axis of the input; <see cref="Feature"/>; <see cref="Added"/>, of size 1.</param>
/// <param name="Size">How many entries.</param>
internal sealed record TfLiteAxis(int Label, int Size)
{
    public const int Feature = 2;
    public const int Added = -1;
}

/// <summary>The axes of the values between two operators.</summary>
internal sealed class TfLiteAxes
{
    private TfLiteAxis[] _axes;

    /// <summary>The axes of an input of one to three axes, the last of which holds the values of one sample.</summary>
    public TfLiteAxes(int[] shape)
    {
        _axes = new TfLiteAxis[shape.Length];
        for (int k = 0; k < shape.Length; k++)
        {
            _axes[k] = new TfLiteAxis(k == shape.Length - 1 ? TfLiteAxis.Feature : k, shape[k]);
        }
    }

    public int Count => _axes.Length;

    public TfLiteAxis this[int index] => _axes[index];

    /// <summary>Whether the last axis holds the values of one sample.</summary>
    public bool EndsWithFeatures => _axes.Length > 0 && _axes[^1].Label == TfLiteAxis.Feature;

    /// <summary>Values of one sample.</summary>
    public int Features => _axes[^1].Size;

    /// <summary>Whether the axis is among them.</summary>
    public bool Has(int label) => Array.Exists(_axes, axis => axis.Label == label);

    /// <summary>The last axis gets another size.</summary>
    public void SetFeatures(int size) => _axes[^1] = new TfLiteAxis(TfLiteAxis.Feature, size);

    /// <summary>
    /// Another shape of the same values in which only axes of size 1 come or go; false where others are joined or split.
    /// </summary>
    /// <remarks>From the last to the first, so that an axis of one feature stays the last.</remarks>
    public bool TryReshape(int[] shape)
    {
        var axes = new TfLiteAxis[shape.Length];
        int from = _axes.Length - 1;
        for (int k = shape.Length - 1; k >= 0; k--)
        {
            while (shape[k] != 1 && from >= 0 && _axes[from].Size == 1)
            {
                from--;
            }

            bool isTaken = from >= 0 && _axes[from].Size == shape[k];
            if (!isTaken && shape[k] != 1)
            {
                return false;
            }

            axes[k] = isTaken ? _axes[from--] : new TfLiteAxis(TfLiteAxis.Added, 1);
        }

        if (_axes[..(from + 1)].Any(axis => axis.Size != 1))
        {
            return false;
        }

        _axes = axes;
        return true;
    }

    /// <summary>
    /// Another shape in which the whole window is one axis, as before a dense layer that sees all of it; false where it is none
    /// such.
    /// </summary>
    /// <param name="time">The axis of time.</param>
    /// <param name="shape">Sizes of 1, and the last one time times features.</param>
    /// <param name="window">The length of time.</param>
    public bool TryFlatten(TfLiteAxis? time, int[] shape, out int window)
    {
        window = WindowOf(time);
        if (window == 0 || shape.Length == 0 || shape[^1] != (long)window * Features || shape[..^1].Any(size => size != 1))
        {
            return false;
        }

        _axes = new TfLiteAxis[shape.Length];
        for (int k = 0; k < shape.Length; k++)
        {
            _axes[k] = new TfLiteAxis(k < shape.Length - 1 ? TfLiteAxis.Added : TfLiteAxis.Feature, shape[k]);
        }

        return true;
    }

    /// <summary>Samples of a window whose values lie one after the other, [1, time, features]; 0 where they do not.</summary>
    public int WindowOf(TfLiteAxis? time)
    {
        int at = time is { Size: > 1 } known ? Array.IndexOf(_axes, known) : -1;
        bool isWindow = at >= 0 && at == _axes.Length - 2 && EndsWithFeatures && !_axes[..at].Any(axis => axis.Size != 1);
        return isWindow ? _axes[at].Size : 0;
    }

    /// <summary>Axis k becomes what axis order[k] was; false where order is no permutation.</summary>
    public bool TryTranspose(int[] order)
    {
        if (order.Length != _axes.Length || Array.Exists(ArrayProjection.Indexes(order.Length), axis => !order.Contains(axis)))
        {
            return false;
        }

        _axes = order.ToArray(axis => _axes[axis]);
        return true;
    }

    /// <summary>The axis goes, as only one of its entries is left, or stays with size 1.</summary>
    public void Take(int axis, bool isShrunk)
    {
        if (isShrunk)
        {
            _axes = [.. _axes[..axis], .. _axes[(axis + 1)..]];
        }
        else
        {
            _axes[axis] = new TfLiteAxis(TfLiteAxis.Added, 1);
        }
    }

    /// <summary>All axes but the last become one; false where more than one of them is longer than 1.</summary>
    /// <param name="preferred">The axis they become where all are of size 1: time, which may be open.</param>
    public bool TryJoinRows(int? preferred)
    {
        TfLiteAxis[] rows = [.. _axes[..^1].Where(axis => axis.Size > 1)];
        if (rows.Length > 1)
        {
            return false;
        }

        int at = Array.FindIndex(_axes, 0, _axes.Length - 1, axis => axis.Label == preferred);
        at = at < 0 ? _axes.Length - 2 : at;
        TfLiteAxis joined = at < 0 ? new TfLiteAxis(TfLiteAxis.Added, 1) : _axes[at];
        _axes = [rows.Length == 1 ? rows[0] : joined, _axes[^1]];
        return true;
    }
}
