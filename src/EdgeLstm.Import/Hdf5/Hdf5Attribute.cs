// An attribute: a small array that stands in the header of its group.

using System.Text;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Hdf5;

/// <summary>An attribute of an object.</summary>
internal sealed class Hdf5Attribute
{
    private readonly Hdf5Source _source;
    private readonly string _path;
    private readonly string _name;
    private readonly Hdf5Datatype _type;
    private readonly Hdf5Dataspace _space;
    private readonly ReadOnlyMemory<byte> _data;

    private Hdf5Attribute(
        Hdf5Source source, string path, string name, Hdf5Datatype type, Hdf5Dataspace space, ReadOnlyMemory<byte> data)
    {
        _source = source;
        _path = path;
        _name = name;
        _type = type;
        _space = space;
        _data = data;
    }

    /// <summary>All its texts; none where it has no elements.</summary>
    public IReadOnlyList<string> Texts => _space.Count == 0 ? []
        : _type.IsText ? Hdf5Texts.Read(_source, _type, _space.Count, _data.Span, $"{_path}@{_name}")
        : throw Refuse("texts");

    /// <summary>The number it is.</summary>
    public double Number => _space.Count == 1 && _type.IsNumber ? _type.Number(_data.Span) : throw Refuse("one number");

    /// <summary>The attribute of that name; null where there is none, or where it has no value at all.</summary>
    public static Hdf5Attribute? Find(Hdf5Source source, Hdf5Header header, string path, string name)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(name);
        foreach (Hdf5Message message in header.Messages)
        {
            if (message.Type == Hdf5Header.AttributeInfo)
            {
                throw source.Refuse(path, "may keep attributes in a fractal heap, which is not read: write the file with"
                    + " h5py's default libver ('earliest')");
            }

            if (message.Type == Hdf5Header.Attribute && Read(source, message, path, wanted, name) is { } found)
            {
                return found._space.IsNull ? null : found;
            }
        }

        return null;
    }

    /// <summary>The fault that it is something else than was expected.</summary>
    public ModelFileException Refuse(string expected) => _source.Refuse(_path,
        $"attribute '{QuotedText.Of(_name)}' is {_type.Name} {_space.ShapeText}; expected {expected}");

    private static Hdf5Attribute? Read(Hdf5Source source, Hdf5Message message, string path, byte[] wanted, string name)
    {
        if (message.IsShared)
        {
            throw source.Refuse(path, "shares an attribute with other objects, which is not read");
        }

        string part = $"attribute '{QuotedText.Of(name)}'";
        Hdf5Cursor cursor = new(source, message.Data.Span, path, "attribute");
        int version = cursor.Version(1, 3);
        int flags = cursor.Byte();
        int nameSize = cursor.UInt16();
        int typeSize = cursor.UInt16();
        int spaceSize = cursor.UInt16();
        if (version == 3)
        {
            cursor.Byte();
        }

        if (!cursor.Take(Padded(nameSize, version))[..nameSize].TrimEnd((byte)0).SequenceEqual(wanted))
        {
            return null;
        }

        if (version > 1 && flags != 0)
        {
            throw source.Refuse(path, $"{part} has a committed (named) datatype, which is not read");
        }

        Hdf5Datatype type = Hdf5Datatype.Read(source, cursor.Take(Padded(typeSize, version)), path, part);
        Hdf5Dataspace space = Hdf5Dataspace.Read(source, cursor.Take(Padded(spaceSize, version)), path, part);
        int bytes = cursor.Take(space.Bytes(source, type.Size, path)).Length;
        return new Hdf5Attribute(source, path, name, type, space, message.Data[^(cursor.Left + bytes)..][..bytes]);
    }

    private static int Padded(int size, int version) => version == 1 ? (size + 7) & ~7 : size;
}
