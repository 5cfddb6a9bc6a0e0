// A small file that lies beside a model and is named on the command line: scaling, reference outputs.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Assembly;

/// <summary>Reads a file whose size has a limit of its own.</summary>
internal static class SideFile
{
    /// <summary>The bytes of a file.</summary>
    /// <exception cref="ModelFileException">It is larger than <paramref name="maxBytes"/>, or cannot be read.</exception>
    public static byte[] Open(string path, int maxBytes)
    {
        var info = new FileInfo(path);
        return info.Exists && info.Length > maxBytes
            ? throw ModelFileException.In(path, $"has {info.Length} bytes; the limit is {maxBytes}")
            : SourceFile.Open(path).Bytes;
    }
}
