// Files of torch.save: a zip archive since PyTorch 1.6, a row of pickles before, a tar before 0.1.10; and bare pickles, to refuse
// them.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Reads state_dicts and checkpoints of PyTorch.</summary>
public static class TorchImporter
{
    private const int TarMarkAt = 257;

    /// <summary>Whether the file is one of torch.save, or another pickle.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => IsZip(bytes) || IsTar(bytes) || PickledScaler.IsPickle(bytes);

    /// <summary>Reads a model; nothing in the file is ever executed.</summary>
    /// <exception cref="ModelFileException">The file is refused.</exception>
    public static ImportedModel Read(SourceFile file, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        List<string> warnings = [];
        if (TorchLegacy.Recognises(file.Bytes))
        {
            object? saved = TorchLegacy.Read(file, out TorchLegacy legacy);
            return Build(file, "PyTorch, before 1.6", saved, legacy.Storage, warnings, options);
        }

        if (!file.Bytes.AsSpan().StartsWith("PK"u8))
        {
            throw RefuseOther(file);
        }

        var archive = TorchZip.Open(file);
        ImportedModel model = Build(file, "PyTorch", archive.ReadObject(), archive.Storage, warnings, options);
        if (archive.Damaged.Count > 0)
        {
            warnings.Add($"Zip entry '{QuotedText.Of(archive.Damaged[0])}' does not have its checksum"
                + (archive.Damaged.Count > 1 ? $", nor do {archive.Damaged.Count - 1} more" : "")
                + ": unless torch.save was told to write none, the file is damaged. Copy it again.");
        }

        return model;
    }

    // The directory lies at the end, so that a search from there finds it in a large file at once.
    private static bool IsZip(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("PK\u0003\u0004"u8) && bytes.LastIndexOf("data.pkl"u8) >= 0;

    private static bool IsTar(ReadOnlySpan<byte> bytes) =>
        bytes.Length > TarMarkAt + 5 && bytes[TarMarkAt..].StartsWith("ustar"u8);

    private static ImportedModel Build(
        SourceFile file,
        string format,
        object? saved,
        Func<PickledStorage, ReadOnlyMemory<byte>> storages,
        List<string> warnings,
        ImportOptions options)
    {
        List<KeyValuePair<string, PickledTensor>> found = StateDictSearch.Find(file, saved, out string place);
        StateDictModel.RequireFew(file, found.Count);
        var stored = new StoredTensor(file, storages);
        List<StateTensor> tensors = found.ConvertAll(tensor => stored.Checked(tensor.Key, tensor.Value));
        string shown = place.Length > 0 ? $"{format}, state_dict '{QuotedText.Of(place)}'" : $"{format}, state_dict";
        return new StateDictModel(shown, tensors, IsInOrder: true, null, warnings).Build(file, options);
    }

    private static ModelFileException RefuseOther(SourceFile file)
    {
        if (PickledScaler.Recognises(file.Bytes))
        {
            return PickledScaler.Refuse(file);
        }

        return file.Refuse(IsTar(file.Bytes)
            ? "is a tar archive; torch.save wrote such ones before PyTorch 0.1.10, and they are not read here. Load it in "
                + "PyTorch and "
                + "save it again with torch.save(model.state_dict(), \"model.pt\")"
            : $"is a bare pickle and not a file of torch.save. {PickleCalls.Advice}");
    }
}
