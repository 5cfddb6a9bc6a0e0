// Saved state of one stream on disk:
//
//     "ELST" | version u32 | identity [32] | saved at: Unix ms i64 | length i32 | saved at: steady ns i64 |
//     boot of the machine [16] | time known u8 | state | SHA-256 of all before

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EdgeLstm.Worker.Streams;

/// <summary>Why a saved state was or was not taken.</summary>
public enum StateVerdict
{
    /// <summary>The state is whole, of this model and configuration, and recent.</summary>
    Usable,

    /// <summary>There is no saved state.</summary>
    Absent,

    /// <summary>The file is truncated, altered, of another format, or cannot be read.</summary>
    Damaged,

    /// <summary>The state belongs to another model or configuration.</summary>
    Foreign,

    /// <summary>The state is whole and of this stream, but older than allowed, of an age that cannot be told, or from the
    /// future.</summary>
    Old,
}

/// <summary>Reads and writes the state of one stream, whole or not at all.</summary>
/// <param name="path">The file.</param>
/// <param name="identity">32 bytes that stand for model and configuration.</param>
public sealed class StateFile(string path, byte[] identity)
{
    private const uint Magic = 0x54534C45;   // "ELST" in little endian
    private const uint Version = 3;
    private const int HeaderBytes = 4 + 4 + 32 + 8 + 4 + 8 + 16 + 1;
    private const double LeastAgeMs = -1000;   // a clock that is set back a little as it is synchronised
    private const int SizeLimitBytes = 64 << 20;
    private const int StateLimitBytes = SizeLimitBytes - HeaderBytes - SHA256.HashSizeInBytes;

    /// <summary>The file, for messages.</summary>
    public string Path { get; } = path;

    /// <summary>Writes the state beside the old one, flushes it, then renames it over: a crash leaves one of the two.</summary>
    /// <param name="state">The state without envelope.</param>
    /// <param name="taken">When it was taken.</param>
    /// <exception cref="IOException">The file cannot be written, or the state has more bytes than would be read back.</exception>
    public void Save(ReadOnlySpan<byte> state, in StateMoment taken)
    {
        if (state.Length > StateLimitBytes)
        {
            throw new IOException($"the state has {state.Length} bytes; at most {StateLimitBytes} are kept");
        }

        byte[] bytes = new byte[HeaderBytes + state.Length + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Version);
        identity.CopyTo(bytes, 8);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), taken.UnixMs);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(48), state.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(52), taken.SteadyNs);
        taken.KernelBoot.TryWriteBytes(bytes.AsSpan(60, 16));
        bytes[76] = taken.IsTimeKnown ? (byte)1 : (byte)0;
        state.CopyTo(bytes.AsSpan(HeaderBytes));
        int hashed = HeaderBytes + state.Length;
        SHA256.HashData(bytes.AsSpan(0, hashed), bytes.AsSpan(hashed));

        string temporary = Path + ".new";
        using (FileStream file = new(temporary, FileMode.Create, FileAccess.Write))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path, overwrite: true);
    }

    /// <summary>Reads the state if it is usable.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="maxAgeMs">Oldest age that is taken, in milliseconds.</param>
    /// <param name="state">Receives the state without envelope; empty unless usable or old.</param>
    /// <param name="ageMs">Receives its age, in milliseconds; NaN where it cannot be told.</param>
    public StateVerdict Load(in StateMoment now, double maxAgeMs, out byte[] state, out double ageMs)
    {
        state = [];
        ageMs = double.NaN;
        FileInfo file = new(Path);
        if (!file.Exists)
        {
            return StateVerdict.Absent;
        }

        if (file.Length is < HeaderBytes + SHA256.HashSizeInBytes or > SizeLimitBytes)
        {
            return StateVerdict.Damaged;
        }

        if (!TryReadAll(out byte[] bytes) || !IsWhole(bytes))
        {
            return StateVerdict.Damaged;
        }

        if (!bytes.AsSpan(8, 32).SequenceEqual(identity))
        {
            return StateVerdict.Foreign;
        }

        state = bytes[HeaderBytes..^SHA256.HashSizeInBytes];
        ageMs = now.MsSince(TakenAt(bytes));
        return ageMs >= LeastAgeMs && ageMs <= maxAgeMs ? StateVerdict.Usable : StateVerdict.Old;
    }

    private bool TryReadAll(out byte[] bytes)
    {
        try
        {
            bytes = File.ReadAllBytes(Path);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            bytes = [];
            return false;
        }
    }

    private static StateMoment TakenAt(byte[] bytes) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(40)),
        BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(52)),
        new Guid(bytes.AsSpan(60, 16)),
        IsTimeKnown: bytes[76] != 0);

    private static bool IsWhole(byte[] bytes)
    {
        int hashed = bytes.Length - SHA256.HashSizeInBytes;
        return hashed >= HeaderBytes
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) == Version
            && BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(48)) == hashed - HeaderBytes
            && SHA256.HashData(bytes.AsSpan(0, hashed)).AsSpan().SequenceEqual(bytes.AsSpan(hashed));
    }
}
