// A dataset in chunks: boxes of one size, found through a B-tree, each packed by the filters.

namespace EdgeLstm.Import.Hdf5;

/// <summary>Puts the chunks of a dataset together.</summary>
internal ref struct Hdf5Chunks
{
    private readonly Hdf5Source _source;
    private readonly string _path;
    private readonly int[] _shape;
    private readonly int _elementSize;
    private readonly int[] _box;
    private readonly int[] _from;
    private readonly byte[] _data;
    private int _boxBytes;

    private Hdf5Chunks(Hdf5Source source, string path, int[] shape, int elementSize, byte[] data)
    {
        _source = source;
        _path = path;
        _shape = shape;
        _elementSize = elementSize;
        _box = new int[shape.Length];
        _from = new int[shape.Length];
        _data = data;
    }

    /// <summary>All elements in C order.</summary>
    /// <param name="source">The file.</param>
    /// <param name="header">The dataset's header, for its filters.</param>
    /// <param name="path">The dataset.</param>
    /// <param name="space">Its shape.</param>
    /// <param name="elementSize">Bytes of an element.</param>
    /// <param name="layout">The layout message behind its class.</param>
    /// <param name="data">Takes the elements; holds the fill value, which stays where there is no chunk.</param>
    public static byte[] Read(
        Hdf5Source source,
        Hdf5Header header,
        string path,
        Hdf5Dataspace space,
        int elementSize,
        ref Hdf5Cursor layout,
        byte[] data)
    {
        Hdf5Chunks chunks = new(source, path, space.Shape, elementSize, data);
        long tree = chunks.ReadLayout(ref layout);
        if (tree < 0)
        {
            return data;
        }

        Hdf5Filters filters = Hdf5Filters.Read(source, header, path);
        foreach (Hdf5Leaf leaf in Hdf5Tree.Leaves(source, tree, path, Hdf5Tree.ChunkKind, 8 + (8 * (space.Shape.Length + 1))))
        {
            chunks.Place(leaf, filters);
        }

        return data;
    }

    private long ReadLayout(ref Hdf5Cursor layout)
    {
        int rank = layout.Byte() - 1;
        long tree = layout.Address();
        if (rank != _shape.Length || rank == 0)
        {
            throw _source.Refuse(_path, $"its chunks have {rank} axes, the dataset {_shape.Length}");
        }

        long bytes = _elementSize;
        for (int axis = 0; axis < rank; axis++)
        {
            uint size = layout.UInt32();
            bytes = size is > 0 and <= int.MaxValue && bytes * size <= int.MaxValue
                ? bytes * size
                : throw _source.Refuse(_path, $"its chunks have {size} entries in axis {axis}, which is not possible");
            _box[axis] = (int)size;
        }

        uint elementSize = layout.UInt32();
        _boxBytes = (int)bytes;
        return elementSize == _elementSize
            ? tree
            : throw _source.Refuse(_path, $"its chunks have elements of {elementSize} bytes, its type {_elementSize}");
    }

    private readonly void Place(Hdf5Leaf leaf, Hdf5Filters filters)
    {
        Hdf5Cursor key = new(_source, leaf.Key.Span, _path, "chunk");
        uint storedSize = key.UInt32();
        uint skipped = key.UInt32();
        for (int axis = 0; axis < _shape.Length; axis++)
        {
            ulong from = key.UInt64();
            _from[axis] = from < (ulong)_shape[axis] && from % (ulong)_box[axis] == 0
                ? (int)from
                : throw _source.Refuse(_path, $"a chunk begins at {from} of axis {axis}, which has {_shape[axis]} entries in"
                    + $" chunks of {_box[axis]}");
        }

        _source.Charge(_boxBytes, _path);
        ReadOnlyMemory<byte> stored = _source.Block(leaf.Address, storedSize, _path, "chunk");
        CopyRows(filters.Undo(stored, skipped, _boxBytes));
    }

    // Copies the part of the chunk that lies inside of the dataset, row by row of the last axis.
    private readonly void CopyRows(ReadOnlySpan<byte> chunk)
    {
        int last = _shape.Length - 1;
        int rowBytes = Math.Min(_box[last], _shape[last] - _from[last]) * _elementSize;
        Span<int> position = stackalloc int[_shape.Length];
        position.Clear();
        while (true)
        {
            (long source, long target) = (0, 0);
            for (int axis = 0; axis <= last; axis++)
            {
                source = (source * _box[axis]) + position[axis];
                target = (target * _shape[axis]) + _from[axis] + position[axis];
            }

            chunk.Slice((int)source * _elementSize, rowBytes).CopyTo(_data.AsSpan((int)target * _elementSize));
            if (!Advance(position))
            {
                return;
            }
        }
    }

    private readonly bool Advance(Span<int> position)
    {
        for (int axis = _shape.Length - 2; axis >= 0; axis--)
        {
            if (++position[axis] < Math.Min(_box[axis], _shape[axis] - _from[axis]))
            {
                return true;
            }

            position[axis] = 0;
        }

        return false;
    }
}
