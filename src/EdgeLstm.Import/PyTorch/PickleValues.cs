// What a pickle holds once it is read: plain values, containers shared by reference, and the two things of torch, storages and
// tensors, as descriptions without their numbers.

namespace EdgeLstm.Import.PyTorch;

/// <summary>A name of Python code, such as <c>torch FloatStorage</c>; it is never looked up, let alone called.</summary>
internal sealed record PickleSymbol(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A list; it may be shared, or even hold itself: whoever walks it must bound the walk.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A dict or OrderedDict, in the order of its entries; it may be shared, or even hold itself.</summary>
internal sealed class PickleDict
{
    public List<KeyValuePair<object?, object?>> Entries { get; } = [];

    /// <summary>The value of the last entry with this key, as Python would have it; null where there is none.</summary>
    public object? Find(string key)
    {
        for (int k = Entries.Count - 1; k >= 0; k--)
        {
            if (Entries[k].Key is string found && found == key)
            {
                return Entries[k].Value;
            }
        }

        return null;
    }
}

/// <summary>A block of numbers that lies elsewhere in the file.</summary>
/// <param name="Type">How each number is stored.</param>
/// <param name="Key">Its name in the file.</param>
/// <param name="Count">How many numbers it has, as the pickle says; not yet held against the file.</param>
internal sealed record PickledStorage(StorageType Type, string Key, long Count);

/// <summary>A view into a storage: element i, j, … is number Offset + i · Strides[0] + j · Strides[1] + …</summary>
/// <remarks>As the pickle says it: nothing of it has been checked.</remarks>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);
