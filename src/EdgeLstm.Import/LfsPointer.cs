// A Git LFS pointer: the few lines of text that a repository holds in place of a large file.
//
//   version https://git-lfs.github.com/spec/v1
//   oid sha256:4d7a…
//   size 123456

using System.Text;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import;

/// <summary>Tells pointers from the files they stand for.</summary>
internal static class LfsPointer
{
    private const int MaxBytes = 1024;

    /// <summary>Whether the bytes are such a pointer.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.StartsWith("version https://git-lfs"u8);

    /// <summary>The refusal, with the size that the real file has.</summary>
    public static ModelFileException Refuse(SourceFile file)
    {
        string text = Encoding.UTF8.GetString(file.Bytes, 0, Math.Min(MaxBytes, file.Bytes.Length));
        string? size = Array.Find(text.Split('\n'), line => line.StartsWith("size ", StringComparison.Ordinal));
        string bytes = size is null ? "" : $" of {QuotedText.Of(size[5..].Trim())} bytes";
        return file.Refuse($"is a Git LFS pointer, not the model: fetch the real file{bytes} with 'git lfs pull'");
    }
}
