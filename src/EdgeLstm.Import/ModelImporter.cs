// Finds out by content what a file is, and hands it to the reader of that container.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Import;

/// <summary>Reads a trained recurrent network from a file of another program.</summary>
public static class ModelImporter
{
    /// <summary>Reads a model; nothing in the file is ever executed.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">What the file may leave open.</param>
    /// <exception cref="ModelFileException">The file is refused; the message names it, the item, what was found and what to
    /// do.</exception>
    public static ImportedModel Read(SourceFile file, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        throw file.Refuse("is of no known format");
    }
}
