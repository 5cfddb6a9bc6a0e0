// Reads a JSON file of bounded size into a record; everything that is wrong with it lands in one list.

using System.Text.Json.Serialization.Metadata;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Worker.Configuration;

/// <summary>Strict reading of configuration files and profiles.</summary>
public static class JsonFile
{
    /// <summary>Bytes a file may have at most; a configuration of a hundred streams stays far below.</summary>
    public const int SizeLimitBytes = 1 << 20;

    /// <summary>Reads <paramref name="path"/> as far as it can be read; every problem is added to <paramref name="problems"/>.
    /// The value must not be used beyond looking for more problems unless there are none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">Source-generated metadata of the record.</param>
    /// <param name="problems">Receives what was wrong: unknown keys with the nearest known one, wrong kinds, missing
    /// keys.</param>
    public static T? Read<T>(string path, JsonTypeInfo<T> type, ProblemList problems)
        where T : class
    {
        try
        {
            FileInfo file = new(path);
            if (!file.Exists || file.Length <= SizeLimitBytes)
            {
                return Parse(File.ReadAllBytes(path), type, problems);
            }

            problems.Add("", $"has {file.Length} bytes; at most {SizeLimitBytes} are read");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // ArgumentException: an empty name, or one with a zero in it.
            problems.Add("", $"cannot be read: {failure.Message}");
        }

        return null;
    }

    /// <summary>As <see cref="Read{T}"/>, from bytes already in memory.</summary>
    public static T? Parse<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type, ProblemList problems)
        where T : class
    {
        T? value = StrictJson.ReadAsFar(json, type, out IReadOnlyList<string> found);
        foreach (string problem in found)
        {
            problems.Add("", problem);
        }

        return value;
    }
}
