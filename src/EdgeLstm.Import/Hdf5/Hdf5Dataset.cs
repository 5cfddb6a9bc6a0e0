// A dataset: shape, type and where its elements lie: in the header, in one piece, or in chunks.

namespace EdgeLstm.Import.Hdf5;

/// <summary>A dataset. Shape and type are read at once, the elements when they are asked for.</summary>
internal sealed class Hdf5Dataset
{
    private const int Compact = 0;
    private const int Contiguous = 1;
    private const int Chunked = 2;

    private readonly Hdf5Source _source;
    private readonly Hdf5Header _header;
    private readonly Hdf5Datatype _type;
    private readonly Hdf5Dataspace _space;

    /// <summary>The dataset that a header describes.</summary>
    internal Hdf5Dataset(Hdf5Source source, Hdf5Header header, string path)
    {
        const string part = "dataset";
        _source = source;
        _header = header;
        Path = path;
        _type = Hdf5Datatype.Read(source, Message(Hdf5Header.Datatype, "datatype").Span, path, part);
        _space = Hdf5Dataspace.Read(source, Message(Hdf5Header.Dataspace, "dataspace").Span, path, part);
    }

    /// <summary>The path from the root.</summary>
    public string Path { get; }

    /// <summary>Sizes, slowest first; empty for a single element.</summary>
    public int[] Shape => _space.Shape;

    /// <summary>The elements as float32; the tensor has the dataset's path as its name.</summary>
    /// <exception cref="Core.Models.ModelFileException">It holds texts, or a part of it lies outside of the file.</exception>
    public SourceTensor Read()
    {
        if (!_type.IsNumber)
        {
            throw _source.Refuse(Path, $"dataset is {_type.Name}; expected numbers");
        }

        ReadOnlySpan<byte> data = Data();
        _source.Charge(_space.Count * sizeof(float), Path);
        float[] values = new float[_space.Count];
        _type.ToSingle(data, values);
        return new SourceTensor(Path, Shape, values);
    }

    /// <summary>The elements as texts.</summary>
    /// <exception cref="Core.Models.ModelFileException">It holds numbers, or a part of it lies outside of the file.</exception>
    public IReadOnlyList<string> ReadTexts() => _type.IsText
        ? Hdf5Texts.Read(_source, _type, _space.Count, Data(), Path)
        : throw _source.Refuse(Path, $"dataset is {_type.Name}; expected texts");

    private ReadOnlySpan<byte> Data()
    {
        int bytes = _space.Bytes(_source, _type.Size, Path);
        if (bytes == 0)
        {
            return [];
        }

        if (_header.Has(Hdf5Header.ExternalFiles))
        {
            throw _source.Refuse(Path, "dataset keeps its elements in an external file, which is not read");
        }

        Hdf5Cursor layout = new(_source, Message(Hdf5Header.Layout, "layout").Span, Path, "layout");
        layout.Version(3, 3);
        int kind = layout.Byte();
        return kind switch
        {
            Compact => Stored(layout.Take(layout.UInt16()), bytes),
            Contiguous => InOnePiece(layout.Address(), layout.Length(), bytes),
            Chunked => Hdf5Chunks.Read(_source, _header, Path, _space, _type.Size, ref layout, Fill(bytes)),
            _ => throw _source.Refuse(Path, $"dataset has layout class {kind}{(kind == 3 ? " (virtual)" : "")}; expected"
                + " 0 compact, 1 contiguous or 2 chunked"),
        };
    }

    // Space that was never written to is not in the file: all elements are the fill value.
    private ReadOnlySpan<byte> InOnePiece(long address, long size, int bytes) =>
        address < 0 ? Fill(bytes) : Stored(_source.Block(address, size, Path, "dataset").Span, bytes);

    private ReadOnlySpan<byte> Stored(ReadOnlySpan<byte> stored, int bytes) => stored.Length >= bytes
        ? stored[..bytes]
        : throw _source.Refuse(Path, $"dataset of {_type.Name} {_space.ShapeText} needs {bytes} bytes;"
            + $" {stored.Length} are stored");

    private byte[] Fill(int bytes)
    {
        _source.Charge(bytes, Path);
        byte[] data = new byte[bytes];
        ReadOnlySpan<byte> value = FillValue();
        if (value.Length == _type.Size && value.ContainsAnyExcept((byte)0))
        {
            for (int start = 0; start < bytes; start += value.Length)
            {
                value.CopyTo(data.AsSpan(start));
            }
        }

        return data;
    }

    private ReadOnlySpan<byte> FillValue()
    {
        if (_header.Find(Hdf5Header.FillValue) is not { } message)
        {
            return [];
        }

        Hdf5Cursor cursor = new(_source, message.Span, Path, "fill value");
        int version = cursor.Version(1, 3);
        int flags = cursor.Byte();
        bool isDefined = (flags & 32) != 0;
        if (version < 3)
        {
            cursor.Byte();
            isDefined = cursor.Byte() != 0;
        }

        return isDefined ? cursor.Take(cursor.UInt32()) : [];
    }

    private ReadOnlyMemory<byte> Message(int type, string name) =>
        _header.Find(type) ?? throw _source.Refuse(Path, $"dataset has no {name}");
}
