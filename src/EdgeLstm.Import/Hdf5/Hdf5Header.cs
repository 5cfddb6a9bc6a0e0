// The object header: the messages that describe a group or a dataset, in one block and its continuations.

namespace EdgeLstm.Import.Hdf5;

/// <summary>A message of an object header.</summary>
/// <param name="Type">One of the constants of <see cref="Hdf5Header"/>, or one that nobody needs.</param>
/// <param name="IsShared">The data stand elsewhere (committed datatypes).</param>
/// <param name="Data">Its content.</param>
internal readonly record struct Hdf5Message(int Type, bool IsShared, ReadOnlyMemory<byte> Data);

/// <summary>The header of an object.</summary>
internal sealed class Hdf5Header
{
    public const int Dataspace = 0x1;
    public const int LinkInfo = 0x2;
    public const int Datatype = 0x3;
    public const int OldFillValue = 0x4;
    public const int FillValue = 0x5;
    public const int Link = 0x6;
    public const int ExternalFiles = 0x7;
    public const int Layout = 0x8;
    public const int Filters = 0xb;
    public const int Attribute = 0xc;
    public const int SymbolTable = 0x11;
    public const int AttributeInfo = 0x15;

    private const int Continuation = 0x10;
    private const int SharedFlag = 2;
    private const int MessagePrefixSize = 8;
    private const int MessageCost = 48;

    private readonly Hdf5Source _source;
    private readonly string _path;
    private readonly List<Hdf5Message> _messages = [];

    /// <summary>Reads all messages of the header at an address.</summary>
    public Hdf5Header(Hdf5Source source, long address, string path)
    {
        _source = source;
        _path = path;
        Address = address;
        Read();
    }

    /// <summary>Where it lies: two links with the same address are the same object.</summary>
    public long Address { get; }

    /// <summary>All messages, in the order of the file.</summary>
    public IReadOnlyList<Hdf5Message> Messages => _messages;

    /// <summary>Whether a message of this type is there.</summary>
    public bool Has(int type) => _messages.Exists(message => message.Type == type);

    /// <summary>The data of the first message of a type; null where there is none.</summary>
    public ReadOnlyMemory<byte>? Find(int type)
    {
        foreach (Hdf5Message message in _messages)
        {
            if (message.Type == type)
            {
                return !message.IsShared ? message.Data : throw _source.Refuse(_path,
                    type == Datatype
                        ? "has a committed (named) datatype; write it with a plain type"
                        : $"shares its header message {type} with other objects, which is not read");
            }
        }

        return null;
    }

    private void Read()
    {
        const string part = "object header";
        Hdf5Cursor cursor = _source.At(Address, _path, part);
        if (cursor.Left >= 4 && _source.Block(Address, 4, _path, part).Span.SequenceEqual("OHDR"u8))
        {
            throw _source.Refuse(_path, "object header has version 2; only version 1 is read: write the file with h5py's default"
                + " libver ('earliest') and without track_order");
        }

        cursor.Version(1, 1);
        cursor.Byte();
        int messages = cursor.UInt16();
        cursor.UInt32();
        long size = cursor.UInt32();

        // A message needs 8 bytes, so the file's size bounds the blocks together even where they overlap or lead in a circle.
        Queue<ReadOnlyMemory<byte>> blocks = new();
        long bytesLeft = _source.Size;
        blocks.Enqueue(_source.Block(Address + 16, size, _path, part));
        while (blocks.TryDequeue(out ReadOnlyMemory<byte> block))
        {
            bytesLeft -= block.Length;
            if (bytesLeft < 0)
            {
                throw _source.Refuse(_path, "the continuations of the object header lead in a circle");
            }

            ReadBlock(block, messages, blocks);
        }
    }

    private void ReadBlock(ReadOnlyMemory<byte> block, int messages, Queue<ReadOnlyMemory<byte>> blocks)
    {
        while (block.Length >= MessagePrefixSize && _messages.Count < messages)
        {
            Hdf5Cursor cursor = new(_source, block.Span, _path, "object header");
            int type = cursor.UInt16();
            int size = cursor.UInt16();
            int flags = cursor.Byte();
            cursor.Take(3);
            cursor.Take(size);
            ReadOnlyMemory<byte> data = block.Slice(MessagePrefixSize, size);
            block = block[(MessagePrefixSize + size)..];
            _source.Charge(MessageCost, _path);
            _messages.Add(new Hdf5Message(type, (flags & SharedFlag) != 0, data));
            if (type == Continuation)
            {
                blocks.Enqueue(Continued(data));
            }
        }
    }

    private ReadOnlyMemory<byte> Continued(ReadOnlyMemory<byte> data)
    {
        const string part = "continuation of the object header";
        Hdf5Cursor cursor = new(_source, data.Span, _path, part);
        long address = cursor.Address();
        return _source.Block(address, cursor.Length(), _path, part);
    }
}
