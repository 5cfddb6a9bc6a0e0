// A B-tree of version 1: the index of a group's links and of a dataset's chunks.

namespace EdgeLstm.Import.Hdf5;

/// <summary>A leaf of the tree.</summary>
/// <param name="Key">The key before it.</param>
/// <param name="Address">Where the thing lies: a block of symbols, or a chunk.</param>
internal readonly record struct Hdf5Leaf(ReadOnlyMemory<byte> Key, long Address);

/// <summary>Walks a tree from left to right.</summary>
internal sealed class Hdf5Tree
{
    /// <summary>Tree of a group.</summary>
    public const int GroupKind = 0;

    /// <summary>Tree of chunks.</summary>
    public const int ChunkKind = 1;

    private const int MaxLevel = 32;
    private const int NodeCost = 64;
    private const string Part = "B-tree";

    private readonly Hdf5Source _source;
    private readonly string _path;
    private readonly int _kind;
    private readonly int _keySize;
    private readonly HashSet<long> _seen = [];
    private readonly List<Hdf5Leaf> _leaves = [];

    private Hdf5Tree(Hdf5Source source, string path, int kind, int keySize)
    {
        _source = source;
        _path = path;
        _kind = kind;
        _keySize = keySize;
    }

    /// <summary>All leaves below the node at an address.</summary>
    /// <param name="source">The file.</param>
    /// <param name="address">The root node.</param>
    /// <param name="path">The object, for messages.</param>
    /// <param name="kind"><see cref="GroupKind"/> or <see cref="ChunkKind"/>.</param>
    /// <param name="keySize">Bytes of a key.</param>
    public static List<Hdf5Leaf> Leaves(Hdf5Source source, long address, string path, int kind, int keySize)
    {
        Hdf5Tree tree = new(source, path, kind, keySize);
        tree.Walk(address, null);
        return tree._leaves;
    }

    private void Walk(long address, int? expectedLevel)
    {
        Visit(address);
        Hdf5Cursor cursor = _source.At(address, _path, Part);
        cursor.Signature("TREE"u8);
        int kind = cursor.Byte();
        int level = cursor.Byte();
        if (kind != _kind || level > MaxLevel || level != (expectedLevel ?? level))
        {
            throw _source.Refuse(_path, $"{Part} node at {address} is of kind {kind}, level {level}; expected kind {_kind}, level"
                + $" {expectedLevel ?? 0}{(expectedLevel is null ? $" to {MaxLevel}" : "")}");
        }

        int children = cursor.UInt16();
        cursor.Address();
        cursor.Address();
        int keyStart = (int)(8 + (2L * _source.OffsetSize));
        for (int k = 0; k < children; k++)
        {
            cursor.Take(_keySize);
            long child = cursor.Address();
            if (level > 0)
            {
                Walk(child, level - 1);
                continue;
            }

            // Several chunks may have one address in no true file either, but their number is bounded by what they unpack to.
            if (_seen.Contains(child))
            {
                throw Loop(child);
            }

            long keyAddress = address + keyStart + ((long)k * (_keySize + _source.OffsetSize));
            _source.Charge(NodeCost, _path);
            _leaves.Add(new Hdf5Leaf(_source.Block(keyAddress, _keySize, _path, Part), child));
        }
    }

    private void Visit(long address)
    {
        _source.Charge(NodeCost, _path);
        if (!_seen.Add(address))
        {
            throw Loop(address);
        }
    }

    private Core.Models.ModelFileException Loop(long address) =>
        _source.Refuse(_path, $"{Part} is a loop: it leads back to its node at {address}");
}
