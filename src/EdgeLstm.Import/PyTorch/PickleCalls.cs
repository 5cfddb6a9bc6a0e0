// The names of Python code that a file of weights needs, and what calling them gives:  _rebuild_tensor_v2(storage, offset, size,
// stride, …) is a tensor, OrderedDict() an empty dict. Nothing is ever looked up or executed.

namespace EdgeLstm.Import.PyTorch;

/// <summary>The allow list.</summary>
/// <remarks>Source: PyTorch, torch/_utils.py and torch/serialization.py.</remarks>
internal static class PickleCalls
{
    /// <summary>What to do about a file that holds more than weights.</summary>
    public const string Advice = "Nothing in a pickle is executed here: save the weights alone, with "
        + "torch.save(model.state_dict(), \"model.pt\")";

    /// <summary>Whether the name may stand in a file.</summary>
    public static bool IsKnown(PickleSymbol symbol) => StorageType.Find(symbol) is not null
        || (symbol.Module, symbol.Name) is
            ("collections", "OrderedDict")
            or ("torch._utils", "_rebuild_tensor_v2" or "_rebuild_parameter")
            or ("torch", "Size" or "device");

    /// <summary>What a call gives; null where it is not understood.</summary>
    public static object? Call(object? function, object? arguments)
    {
        if (function is not PickleSymbol symbol || arguments is not PickleTuple { Items: { } items })
        {
            return null;
        }

        return symbol.Name switch
        {
            "OrderedDict" when items.Length == 0 => new PickleDict(),
            "_rebuild_tensor_v2" => Tensor(items),
            "_rebuild_parameter" => items is [PickledTensor tensor, ..] ? tensor : null,
            "Size" => items is [PickleTuple sizes] ? sizes : null,
            "device" => symbol,
            _ => null,
        };
    }

    /// <summary>The storage of ('storage', type, key, location, count), in old files with view metadata; null where it is
    /// none.</summary>
    public static PickledStorage? Storage(object? id) =>
        id is PickleTuple { Items: ["storage", PickleSymbol symbol, string key, _, long count, .. var view] }
        && view is [] or [null]
        && StorageType.Find(symbol) is { } type
            ? new PickledStorage(type, key, count)
            : null;

    private static PickledTensor? Tensor(object?[] items) =>
        items is [PickledStorage storage, long offset, PickleTuple shape, PickleTuple strides, ..]
        && Integers(shape) is { } sizes
        && Integers(strides) is { } steps
            ? new PickledTensor(storage, offset, sizes, steps)
            : null;

    private static long[]? Integers(PickleTuple tuple)
    {
        long[] values = new long[tuple.Items.Length];
        for (int k = 0; k < values.Length; k++)
        {
            if (tuple.Items[k] is not long value)
            {
                return null;
            }

            values[k] = value;
        }

        return values;
    }
}
