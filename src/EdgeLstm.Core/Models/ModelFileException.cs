// A model file that is refused: the message names the file, the item, what was found and what was expected.

namespace EdgeLstm.Core.Models;

/// <summary>A model file cannot be used. The message is written for the person who has the file.</summary>
public sealed class ModelFileException : Exception
{
    public ModelFileException()
    {
    }

    public ModelFileException(string message)
        : base(message)
    {
    }

    public ModelFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The fault <paramref name="fault"/> of file <paramref name="file"/>.</summary>
    public static ModelFileException In(string file, string fault) => new($"{file}: {fault}");

    /// <summary>The fault of file <paramref name="file"/>, found by way of <paramref name="cause"/>.</summary>
    public static ModelFileException In(string file, string fault, Exception cause) => new($"{file}: {fault}", cause);
}
