// The SHA-256 of a model's file: a model that is delivered as a file is loaded only where it has the hash that somebody named.

using System.Security.Cryptography;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Worker.Configuration;

/// <summary>Hashes of model files, as 64 hexadecimal digits.</summary>
internal static class ModelHash
{
    private const int Digits = 64;

    /// <summary>Whether a text can be a hash.</summary>
    public static bool IsHash(string text) => text.Length == Digits && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether two hashes are the same; upper and lower case do not matter.</summary>
    public static bool AreEqual(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>The hash of a file, read piece by piece.</summary>
    /// <exception cref="ModelFileException">The file cannot be read.</exception>
    public static string OfFile(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ModelFileException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }
}
