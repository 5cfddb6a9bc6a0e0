// The links of a group: a B-tree of symbol blocks, with the names in a local heap.

using System.Text;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Hdf5;

/// <summary>A link of a group.</summary>
/// <param name="Name">Its name in the group.</param>
/// <param name="Address">The object header it leads to.</param>
/// <param name="IsSoft">It names a path instead, which is not followed.</param>
internal readonly record struct Hdf5Link(string Name, long Address, bool IsSoft);

/// <summary>Reads the links of a group.</summary>
internal static class Hdf5Links
{
    private const int SoftLink = 2;
    private const int SymbolScratchSize = 16;
    private const int LinkCost = 128;

    /// <summary>All links, in the order of the file.</summary>
    /// <param name="source">The file.</param>
    /// <param name="symbolTable">The group's message of the two addresses.</param>
    /// <param name="path">The group.</param>
    public static List<Hdf5Link> Read(Hdf5Source source, ReadOnlyMemory<byte> symbolTable, string path)
    {
        Hdf5Cursor cursor = new(source, symbolTable.Span, path, "symbol table");
        long tree = cursor.Address();
        ReadOnlySpan<byte> heap = Heap(source, cursor.Address(), path);
        List<Hdf5Link> links = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<long> blocks = [];
        foreach (Hdf5Leaf leaf in Hdf5Tree.Leaves(source, tree, path, Hdf5Tree.GroupKind, source.LengthSize))
        {
            if (!blocks.Add(leaf.Address))
            {
                throw source.Refuse(path, $"B-tree names the block of links at {leaf.Address} twice");
            }

            ReadBlock(source, leaf.Address, heap, path, links);
        }

        foreach (Hdf5Link link in links)
        {
            if (!names.Add(link.Name))
            {
                throw source.Refuse(path, $"has two links of the name '{QuotedText.Of(link.Name)}'");
            }
        }

        return links;
    }

    private static ReadOnlySpan<byte> Heap(Hdf5Source source, long address, string path)
    {
        const string part = "local heap";
        Hdf5Cursor cursor = source.At(address, path, part);
        cursor.Signature("HEAP"u8);
        cursor.Version(0, 0);
        cursor.Take(3);
        long size = cursor.Length();
        cursor.Take(source.LengthSize);
        return source.Block(cursor.Address(), size, path, part).Span;
    }

    private static void ReadBlock(Hdf5Source source, long address, ReadOnlySpan<byte> heap, string path, List<Hdf5Link> links)
    {
        Hdf5Cursor cursor = source.At(address, path, "block of links");
        cursor.Signature("SNOD"u8);
        cursor.Version(1, 1);
        cursor.Byte();
        int count = cursor.UInt16();
        for (int k = 0; k < count; k++)
        {
            string name = Name(source, cursor.Length(), heap, path);
            long target = cursor.Address();
            uint cache = cursor.UInt32();
            cursor.Take(4 + SymbolScratchSize);
            links.Add(new Hdf5Link(name, target, cache == SoftLink));
        }
    }

    private static string Name(Hdf5Source source, long offset, ReadOnlySpan<byte> heap, string path)
    {
        int length = offset < heap.Length ? heap[(int)offset..].IndexOf((byte)0) : -1;
        if (length <= 0)
        {
            throw source.Refuse(path, $"the name of a link lies at {offset} of the local heap of {heap.Length} bytes,"
                + " where no name is");
        }

        source.Charge(LinkCost + (2L * length), path);
        return Encoding.UTF8.GetString(heap.Slice((int)offset, length));
    }
}
