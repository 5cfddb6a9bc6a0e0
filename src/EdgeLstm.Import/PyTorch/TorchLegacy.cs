// A file of torch.save before PyTorch 1.6: pickles of a magic number, 1001, system information, the object and the list of
// storage keys; then for each key its i64 count of numbers and the numbers.

using System.Buffers.Binary;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Reads the object and its storages.</summary>
/// <remarks>Source: PyTorch, torch/serialization.py, _legacy_save.</remarks>
internal sealed class TorchLegacy
{
    private const long ProtocolVersion = 1001;
    private const int MagicSearchBytes = 32;

    private readonly SourceFile _file;
    private readonly Dictionary<string, PickledStorage> _referred = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _begins = new(StringComparer.Ordinal);

    private TorchLegacy(SourceFile file) => _file = file;

    // LONG1, ten bytes, 0x1950a86a20f9469cfc6c, STOP.
    private static ReadOnlySpan<byte> Magic => [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

    /// <summary>Whether the first pickle is the magic number.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => FindMagic(bytes) >= 0;

    /// <summary>The object that was saved, its tensors still in the file.</summary>
    public static object? Read(SourceFile file, out TorchLegacy storages)
    {
        storages = new TorchLegacy(file);
        int end = file.Bytes.Length;
        int at = FindMagic(file.Bytes) + Magic.Length;
        if (PickleReader.Read(file, "protocol version", at, end, out at) is not ProtocolVersion)
        {
            throw file.Refuse($"pickle 'protocol version' is not {ProtocolVersion}; the file is damaged");
        }

        object? system = PickleReader.Read(file, "system information", at, end, out at);
        if (system is not PickleDict information || information.Find("little_endian") is not true)
        {
            throw file.Refuse("pickle 'system information' does not say little_endian: the file was saved on a machine that "
                + "writes "
                + "the highest byte first, or is damaged");
        }

        var referred = new List<PickledStorage>();
        object? saved = PickleReader.Read(file, "object", at, end, out at, referred);
        storages.Refer(referred);
        object? keys = PickleReader.Read(file, "storage keys", at, end, out at);
        storages.Locate(keys as PickleList ?? throw file.Refuse("pickle 'storage keys' is no list; the file is damaged"), at);
        return saved;
    }

    /// <summary>The bytes of a storage.</summary>
    public ReadOnlyMemory<byte> Storage(PickledStorage storage) => _begins.TryGetValue(storage.Key, out int begin)
        ? _file.Bytes.AsMemory(begin, (int)(storage.Count * storage.Type.ElementBytes))
        : throw _file.Refuse($"refers to storage '{QuotedText.Of(storage.Key)}', which is not among its storage keys; it is "
            + $"damaged");

    private static int FindMagic(ReadOnlySpan<byte> bytes)
    {
        bool isPickle = bytes.Length > 2 && bytes[0] == PickleOpcode.Proto;
        return isPickle ? bytes[..Math.Min(bytes.Length, MagicSearchBytes)].IndexOf(Magic) : -1;
    }

    private void Refer(List<PickledStorage> referred)
    {
        foreach (PickledStorage storage in referred)
        {
            if (!_referred.TryAdd(storage.Key, storage) && _referred[storage.Key] != storage)
            {
                throw _file.Refuse($"refers to storage '{QuotedText.Of(storage.Key)}' with two types or sizes; it is damaged");
            }
        }
    }

    // Only the pickle knows how many bytes a number of a storage has, so all of them must be referred to there.
    private void Locate(PickleList keys, int at)
    {
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !_referred.TryGetValue(key, out PickledStorage? storage) || _begins.ContainsKey(key))
            {
                throw _file.Refuse("pickle 'storage keys' has an entry that no tensor refers to, or one twice; the file is "
                    + "damaged");
            }

            long room = _file.Bytes.Length - at - sizeof(long);
            long count = room < 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(_file.Bytes.AsSpan(at));
            Int128 size = (Int128)count * storage.Type.ElementBytes;
            if (room < 0 || count != storage.Count || size < 0 || size > room)
            {
                throw _file.Refuse($"storage '{QuotedText.Of(key)}' at byte {at} has {count} numbers where {storage.Count} are "
                    + $"expected and {Math.Max(0, room)} bytes are left; the file is cut short or damaged");
            }

            _begins.Add(key, at + sizeof(long));
            at += sizeof(long) + (int)size;
        }
    }
}
