// The file to be imported, in memory, and the files it names beside it.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import;

/// <summary>A file of another program. It is hostile until its reader has checked it.</summary>
/// <remarks>Memory: the file's size, at most <see cref="MaxBytes"/>; a larger one is refused before it is read.</remarks>
public sealed class SourceFile
{
    /// <summary>The largest file that is read: 1 GiB.</summary>
    public const long MaxBytes = SafetensorsFile.MaxFileBytes;

    /// <summary>A file that is already in memory.</summary>
    /// <param name="path">Its path, for messages and for the files it names beside it.</param>
    /// <param name="bytes">Its content.</param>
    public SourceFile(string path, byte[] bytes)
    {
        Path = path;
        Bytes = bytes;
    }

    /// <summary>The path as it was given; every message starts with it.</summary>
    public string Path { get; }

    /// <summary>The whole content.</summary>
#pragma warning disable CA1819 // Files are handed around whole; a copy for each reader would double their memory.
    public byte[] Bytes { get; }
#pragma warning restore CA1819

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFileException">It is no file, too large, or cannot be read.</exception>
    public static SourceFile Open(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw ModelFileException.In(path, "is a folder; expected a model file (of TensorFlow.js: its model.json)");
            }

            // The length is asked before opening: pipes and devices have none, and opening a pipe would wait for its writer.
            long length = new FileInfo(path).Length;
            return length <= MaxBytes
                ? new SourceFile(path, length == 0 ? [] : ReadAll(path, length))
                : throw ModelFileException.In(path, $"has {length} bytes; the limit is {MaxBytes}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw ModelFileException.In(path, $"cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Reads a file that this one names: it must lie beside or below it.</summary>
    /// <param name="name">A relative path with forward slashes and without <c>..</c>.</param>
    /// <exception cref="ModelFileException">The name leads elsewhere, or the file cannot be read.</exception>
    public SourceFile OpenSibling(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] parts = name.Split('/');
        bool leaves = name.Contains('\\', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal)
            || System.IO.Path.IsPathRooted(name) || Array.Exists(parts, part => part is "" or "." or "..");
        if (leaves)
        {
            throw Refuse($"names the file '{QuotedText.Of(name)}'; only files beside or below it are read");
        }

        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? "/";
        string path = System.IO.Path.Combine([folder, .. parts]);
        if (!File.Exists(path))
        {
            throw Refuse($"names the file '{QuotedText.Of(name)}', which is not beside it; copy it there");
        }

        return Open(path);
    }

    /// <summary>The fault <paramref name="fault"/> of this file.</summary>
    public ModelFileException Refuse(string fault) => ModelFileException.In(Path, fault);

    private static byte[] ReadAll(string path, long length)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
