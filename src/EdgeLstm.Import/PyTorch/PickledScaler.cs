// Scalers of scikit-learn in a pickle, bare or compressed (joblib): never read, but known, to say how to write them as JSON.

using System.IO.Compression;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Scaling;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Refuses pickled scalers with the lines of Python that write what is read here.</summary>
/// <remarks>At most <see cref="LookedAtBytes"/> bytes are unpacked.</remarks>
public static class PickledScaler
{
    private const int LookedAtBytes = 4096;

    /// <summary>Whether the file is a pickle of scikit-learn or joblib, bare or in gzip or zlib.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = Start(bytes);
        return IsPickle(start) && (start.IndexOf("sklearn"u8) >= 0 || start.IndexOf("joblib"u8) >= 0);
    }

    /// <summary>The refusal.</summary>
    public static ModelFileException Refuse(SourceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string kind = Start(file.Bytes) switch
        {
            var start when start.IndexOf("MinMaxScaler"u8) >= 0 => "a MinMaxScaler",
            var start when start.IndexOf("StandardScaler"u8) >= 0 => "a StandardScaler",
            _ => "an object",
        };
        return file.Refuse($"is {kind} of scikit-learn in a pickle, not a model. {ScalerAdvice.Text}");
    }

    /// <summary>Whether bytes begin as a pickle of protocol 2 to 5, or of protocol 0 with an object.</summary>
    internal static bool IsPickle(ReadOnlySpan<byte> bytes) =>
        bytes is [PickleOpcode.Proto, >= 2 and <= 5, ..] || bytes.StartsWith("ccopy_reg\n"u8) || bytes.StartsWith("csklearn."u8);

    private static ReadOnlySpan<byte> Start(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, LookedAtBytes)];
        return start switch
        {
            [0x1f, 0x8b, ..] => Unpack(start, packed => new GZipStream(packed, CompressionMode.Decompress)),
            [0x78, 0x01 or 0x5e or 0x9c or 0xda, ..] =>
                Unpack(start, packed => new ZLibStream(packed, CompressionMode.Decompress)),
            _ => start,
        };
    }

    private static ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> packed, Func<MemoryStream, Stream> open)
    {
        byte[] unpacked = new byte[LookedAtBytes];
        int length = 0;
        try
        {
            using Stream stream = open(new MemoryStream(packed.ToArray()));
            for (int read = -1; read != 0; length += read)
            {
                read = stream.Read(unpacked, length, unpacked.Length - length);
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            // Cut off where we stopped looking: what came out so far is enough.
        }

        return unpacked.AsSpan(0, length);
    }
}
