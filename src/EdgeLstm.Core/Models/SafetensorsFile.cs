// Reads a safetensors file: u64 length of the header, the header as JSON, then the tensors' bytes; all little endian.

using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Core.Models;

/// <summary>
/// A safetensors file in memory. Opening checks the whole header against the data; tensors are then taken by name, and
/// <see cref="RequireAllTaken"/> says whether any was left.
/// </summary>
/// <remarks>
/// Memory: the file's size, at most <see cref="MaxFileBytes"/>, and the tensors that were taken. A larger file is refused.
/// </remarks>
public sealed class SafetensorsFile
{
    /// <summary>The largest file that is read: 1 GiB.</summary>
    public const long MaxFileBytes = 1L << 30;

    private const int LengthBytes = 8;

    private readonly byte[] _bytes;
    private readonly int _dataStart;
    private readonly SafetensorsHeader _header;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    private SafetensorsFile(string path, byte[] bytes, int dataStart, SafetensorsHeader header)
    {
        Path = path;
        _bytes = bytes;
        _dataStart = dataStart;
        _header = header;
    }

    /// <summary>The path as it was given; every message starts with it.</summary>
    public string Path { get; }

    /// <summary>Size of the whole file.</summary>
    public long SizeBytes => _bytes.Length;

    /// <summary>The texts under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => _header.Tensors;

    /// <summary>Reads and checks the file at <paramref name="path"/>.</summary>
    /// <exception cref="ModelFileException">The file cannot be read or breaks the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        byte[] bytes;
        try
        {
            bytes = ReadAll(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // ArgumentException: an empty path, or one with a zero in it.
            throw ModelFileException.In(path, $"cannot be read: {fault.Message}", fault);
        }

        return Parse(path, bytes);
    }

    /// <summary>Checks a file that is already in memory; <paramref name="path"/> names it in messages.</summary>
    /// <exception cref="ModelFileException">The bytes break the format.</exception>
    public static SafetensorsFile Parse(string path, byte[] bytes) => Parse(path, bytes, skipsIntegers: false);

    /// <summary>Checks a file of another program: tensors of whole numbers, such as counters of a training, are checked and left
    /// out of <see cref="Tensors"/>.</summary>
    /// <exception cref="ModelFileException">The bytes break the format.</exception>
    public static SafetensorsFile ParseWeights(string path, byte[] bytes) => Parse(path, bytes, skipsIntegers: true);

    private static SafetensorsFile Parse(string path, byte[] bytes, bool skipsIntegers)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (bytes.Length < LengthBytes + 2)
        {
            throw ModelFileException.In(path, $"has {bytes.Length} bytes; a safetensors file has at least {LengthBytes + 2}");
        }

        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ulong room = (ulong)(bytes.Length - LengthBytes);
        if (headerBytes > room)
        {
            throw ModelFileException.In(path, $"says its header has {headerBytes} bytes, but only {room} follow; "
                + "the file is cut short or not a safetensors file");
        }

        if (headerBytes > SafetensorsHeader.MaxHeaderBytes)
        {
            throw ModelFileException.In(
                path, $"has a header of {headerBytes} bytes; the limit is {SafetensorsHeader.MaxHeaderBytes}");
        }

        int dataStart = LengthBytes + (int)headerBytes;
        ReadOnlySpan<byte> json = bytes.AsSpan(LengthBytes, (int)headerBytes);
        return new SafetensorsFile(
            path, bytes, dataStart, SafetensorsHeader.Read(path, json, bytes.Length - dataStart, skipsIntegers));
    }

    /// <summary>SHA-256 of the whole file in lower-case hexadecimal.</summary>
    public string ComputeSha256() => Convert.ToHexStringLower(SHA256.HashData(_bytes));

    /// <summary>Takes a tensor as float32 in C order, if the file has it.</summary>
    /// <exception cref="ModelFileException">A value is not finite, or the tensor is I8.</exception>
    public bool TryGet(string name, out TensorInfo? info, out float[] values)
    {
        if (!Tensors.TryGetValue(name, out info))
        {
            values = [];
            return false;
        }

        values = ReadReal(info);
        _taken.Add(name);
        return true;
    }

    /// <summary>Takes a tensor that must be there, with this shape, as float32 in C order.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="meaning">What the sizes stand for, for the message: <c>[4·HiddenSize, InputSize]</c>.</param>
    /// <param name="shape">The sizes it must have.</param>
    /// <exception cref="ModelFileException">It is missing, is I8, has another shape, or a value that is not finite.</exception>
    public float[] Take(string name, string meaning, params long[] shape)
    {
        return ReadReal(Require(name, meaning, shape));
    }

    /// <summary>Takes a tensor as <see cref="Take"/> does, whole numbers of I8 included.</summary>
    internal float[] TakeUnscaled(string name, string meaning, params long[] shape) => ReadFinite(Require(name, meaning, shape));

    /// <summary>Refuses a file that holds tensors nobody took: something of the model would silently be left out.</summary>
    /// <exception cref="ModelFileException">A tensor is left.</exception>
    public void RequireAllTaken()
    {
        string[] left = [.. Tensors.Keys.Where(name => !_taken.Contains(name)).Order(StringComparer.Ordinal)];
        if (left.Length > 0)
        {
            string shown = string.Join(", ", left.Take(5).Select(name => $"'{QuotedText.Of(name)}'"));
            string more = left.Length > 5 ? $" and {left.Length - 5} more" : "";
            throw ModelFileException.In(
                Path, $"no layer uses tensor {shown}{more}; the manifest does not describe this file's network.");
        }
    }

    // A tensor that is there with this shape counts as taken.
    private TensorInfo Require(string name, string meaning, long[] shape)
    {
        if (!Tensors.TryGetValue(name, out TensorInfo? info))
        {
            throw ModelFileException.In(Path, $"tensor '{name}' is missing; expected {meaning} = {TensorInfo.Text(shape)}.");
        }

        if (!info.Shape.SequenceEqual(shape))
        {
            throw ModelFileException.In(
                Path, $"tensor '{name}' has shape {info.ShapeText}; expected {meaning} = {TensorInfo.Text(shape)}.");
        }

        _taken.Add(name);
        return info;
    }

    private static byte[] ReadAll(string path)
    {
        if (Directory.Exists(path))
        {
            throw ModelFileException.In(path, "is a folder; expected a safetensors file");
        }

        // The length is asked before opening: pipes and devices have none, and opening a pipe would wait for its writer.
        long length = new FileInfo(path).Length;
        if (length > MaxFileBytes)
        {
            throw ModelFileException.In(path, $"has {length} bytes; the limit is {MaxFileBytes}");
        }

        if (length == 0)
        {
            return [];
        }

        using FileStream stream = File.OpenRead(path);
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private float[] ReadReal(TensorInfo info) => info.Type != TensorType.I8
        ? ReadFinite(info)
        : throw ModelFileException.In(
            Path, $"tensor '{QuotedText.Of(info.Name)}' is stored as I8; expected {TensorTypes.RealNames}: "
            + "only the weights of a recurrent layer may be I8.");

    private float[] ReadFinite(TensorInfo info)
    {
        float[] values = new float[info.Count];
        int begin = _dataStart + (int)info.BeginByte;
        TensorTypes.ToSingle(_bytes.AsSpan(begin, (int)(info.EndByte - info.BeginByte)), info.Type, values);
        int wrong = Array.FindIndex(values, value => !float.IsFinite(value));
        if (wrong >= 0)
        {
            throw ModelFileException.In(Path, FormattableString.Invariant(
                $"tensor '{QuotedText.Of(info.Name)}' has the value {values[wrong]} at index {wrong}; ")
                + "every value must be a finite float32.");
        }

        return values;
    }
}
