// A file of torch.save since PyTorch 1.6: a zip archive of  name/data.pkl  (the object, its tensors as references to storages),
// name/data/0, name/data/1, …  (one storage each) and  name/byteorder.

using EdgeLstm.Core.Json;
using EdgeLstm.Import.Zip;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Reads the object and its storages from the archive.</summary>
/// <remarks>Names are looked up among the archive's entries alone: nothing in the file can name another file.</remarks>
internal sealed class TorchZip
{
    private const string PickleName = "data.pkl";

    private readonly SourceFile _file;
    private readonly Dictionary<string, ZipEntry> _entries;
    private readonly string _root;
    private readonly HashSet<string> _verified = new(StringComparer.Ordinal);

    private TorchZip(SourceFile file, Dictionary<string, ZipEntry> entries, string root)
    {
        _file = file;
        _entries = entries;
        _root = root;
    }

    /// <summary>Names of entries that do not have the checksum the archive says, in the order they were read.</summary>
    public List<string> Damaged { get; } = [];

    /// <summary>Opens the archive; refuses one that holds code, or big-endian numbers.</summary>
    public static TorchZip Open(SourceFile file)
    {
        Dictionary<string, ZipEntry> entries = ZipDirectory.Read(file);
        string root = FindRoot(file, entries);
        if (entries.Keys.FirstOrDefault(name => IsCode(name, root)) is { } code)
        {
            throw file.Refuse($"is a TorchScript archive (it holds '{QuotedText.Of(code)}'), a program and not weights alone: "
                + "save torch.jit.load(file).state_dict() with torch.save, or export to ONNX");
        }

        RequireStored(file, entries);
        var archive = new TorchZip(file, entries, root);
        archive.RequireLittleEndian();
        return archive;
    }

    /// <summary>The object that was saved, its tensors still in the archive.</summary>
    public object? ReadObject()
    {
        string name = _root + PickleName;
        ZipEntry entry = _entries[name];
        Verify(name, entry);
        return PickleReader.Read(_file, name, entry.Begin, entry.Begin + entry.Length, out _);
    }

    /// <summary>The bytes of a storage.</summary>
    public ReadOnlyMemory<byte> Storage(PickledStorage storage)
    {
        string shown = QuotedText.Of(storage.Key);
        if (storage.Key.Length == 0 || !storage.Key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw _file.Refuse($"refers to storage '{shown}'; expected a number, the name of an entry of the archive");
        }

        string name = $"{_root}data/{storage.Key}";
        if (!_entries.TryGetValue(name, out ZipEntry entry))
        {
            throw _file.Refuse($"refers to storage '{shown}', but the archive has no entry '{QuotedText.Of(name)}'; it is "
                + $"damaged");
        }

        if ((Int128)storage.Count * storage.Type.ElementBytes != entry.Length)
        {
            throw _file.Refuse($"entry '{QuotedText.Of(name)}' has {entry.Length} bytes; expected {storage.Count} numbers of "
                + $"{storage.Type.ElementBytes} bytes");
        }

        Verify(name, entry);
        return _file.Bytes.AsMemory(entry.Begin, entry.Length);
    }

    // As torch.save writes them: so no archive is larger than its file.
    private static void RequireStored(SourceFile file, Dictionary<string, ZipEntry> entries)
    {
        foreach ((string name, ZipEntry entry) in entries)
        {
            if (entry.IsCompressed)
            {
                throw file.Refuse(
                    $"entry '{QuotedText.Of(name)}' is compressed ({entry.Length} bytes for {entry.Size}); torch.save stores "
                    + "every entry as it is: load the model in PyTorch and save it again");
            }
        }
    }

    private static string FindRoot(SourceFile file, Dictionary<string, ZipEntry> entries)
    {
        string[] pickles =
            [.. entries.Keys.Where(name => name == PickleName || name.EndsWith("/" + PickleName, StringComparison.Ordinal))];
        return pickles.Length switch
        {
            1 => pickles[0][..^PickleName.Length],
            0 => throw file.Refuse($"is a zip archive without {PickleName}; expected a file of torch.save"),
            _ => throw file.Refuse($"has {pickles.Length} entries {PickleName} ('{QuotedText.Of(pickles[0])}', "
                + $"'{QuotedText.Of(pickles[1])}'); a file of torch.save has one"),
        };
    }

    private static bool IsCode(string name, string root) =>
        name.StartsWith(root, StringComparison.Ordinal)
        && (name.AsSpan(root.Length) is "constants.pkl"
            || name.AsSpan(root.Length).StartsWith("code/", StringComparison.Ordinal));

    private void RequireLittleEndian()
    {
        if (_entries.TryGetValue(_root + "byteorder", out ZipEntry entry)
            && !_file.Bytes.AsSpan(entry.Begin, entry.Length).TrimEnd("\n"u8).SequenceEqual("little"u8))
        {
            throw _file.Refuse("entry 'byteorder' does not say 'little': the file was saved on a machine that writes the "
                + "highest byte "
                + "first; load and save it on another");
        }
    }

    // PyTorch can be told to write no checksums, and reads files without heeding them: a wrong one is worth a warning, not more.
    private void Verify(string name, ZipEntry entry)
    {
        if (_verified.Add(name) && Crc32.Of(_file.Bytes.AsSpan(entry.Begin, entry.Length)) != entry.Checksum)
        {
            Damaged.Add(name);
        }
    }
}
