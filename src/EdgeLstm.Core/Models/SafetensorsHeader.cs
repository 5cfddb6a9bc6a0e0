// The JSON header of a safetensors file: {"__metadata__": {"key": "text", …}, "tensor": {"dtype", "shape", "data_offsets"}, …}.

using System.Text.Json;
using System.Text.Unicode;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Core.Models;

/// <summary>What the header of a safetensors file says, read as if written by an enemy.</summary>
/// <remarks>
/// Refused: text that is not UTF-8, a first byte other than '{', a key given twice, unknown keys, offsets or sizes that are no
/// whole numbers, a size that does not match shape and type, and tensors that overlap or leave bytes of the file to nobody.
/// Limits: 16 MiB of header, 10 000 tensors, 8 dimensions; a file beyond them is refused.
/// Source: https://huggingface.co/docs/safetensors, format.
/// </remarks>
internal sealed class SafetensorsHeader
{
    public const int MaxHeaderBytes = 16 * 1024 * 1024;
    public const int MaxTensors = 10_000;
    public const int MaxRank = 8;

    private const int MaxDepth = 8;
    private const string MetadataKey = "__metadata__";

    private readonly string _file;
    private readonly long _dataBytes;
    private readonly bool _skipsIntegers;
    private readonly Dictionary<string, TensorInfo> _skipped = new(StringComparer.Ordinal);

    private SafetensorsHeader(string file, long dataBytes, bool skipsIntegers)
    {
        _file = file;
        _dataBytes = dataBytes;
        _skipsIntegers = skipsIntegers;
    }

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, TensorInfo> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the header <paramref name="json"/> that <paramref name="dataBytes"/> bytes of data follow.</summary>
    /// <param name="file">The path, for messages.</param>
    /// <param name="json">The header.</param>
    /// <param name="dataBytes">Bytes after the header.</param>
    /// <param name="skipsIntegers">True: tensors of whole numbers are checked and left out; false: they are refused.</param>
    /// <exception cref="ModelFileException">Any rule above is broken.</exception>
    public static SafetensorsHeader Read(string file, ReadOnlySpan<byte> json, long dataBytes, bool skipsIntegers = false)
    {
        var header = new SafetensorsHeader(file, dataBytes, skipsIntegers);
        header.RequireText(json);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            header.ReadEntries(ref reader);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair, which is JSON but no text.
            throw ModelFileException.In(file, $"the header is not valid JSON: {QuotedText.Of(fault.Message)}", fault);
        }

        header.RequireEveryByteOnce();
        return header;
    }

    private void RequireText(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw Fault("the header is not valid UTF-8; the file is damaged or not a safetensors file");
        }

        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw Fault("the header does not start with '{'; the file is damaged or not a safetensors file");
        }
    }

    private void ReadEntries(ref Utf8JsonReader reader)
    {
        reader.Read();
        bool hasMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (key != MetadataKey)
            {
                ReadTensor(ref reader, key);
            }
            else if (hasMetadata)
            {
                throw Fault($"the header names '{MetadataKey}' twice");
            }
            else
            {
                ReadMetadata(ref reader);
                hasMetadata = true;
            }
        }

        // Only white space may follow; anything else throws.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.StartObject, $"'{MetadataKey}' must be an object of texts");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            string shown = QuotedText.Of(key);
            Require(reader.TokenType == JsonTokenType.String, $"'{MetadataKey}' key '{shown}' must be a text");
            Require(Metadata.TryAdd(key, reader.GetString()!), $"'{MetadataKey}' names key '{shown}' twice");
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        string tensor = $"tensor '{QuotedText.Of(name)}'";
        Require(reader.TokenType == JsonTokenType.StartObject, $"{tensor} must be an object with dtype, shape and data_offsets");
        Require(Tensors.Count + _skipped.Count < MaxTensors, $"the header names more than {MaxTensors} tensors, the limit");
        string? dtype = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when dtype is null:
                    Require(reader.TokenType == JsonTokenType.String, $"{tensor}: dtype must be a text");
                    dtype = reader.GetString()!;
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(ref reader, $"{tensor}: shape", MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadIntegers(ref reader, $"{tensor}: data_offsets", 2);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Fault($"{tensor} has key '{key}' twice");
                default:
                    throw Fault($"{tensor} has unknown key '{QuotedText.Of(key)}'");
            }
        }

        bool isComplete = dtype is not null && shape is not null && offsets is { Count: 2 };
        Require(isComplete, $"{tensor} needs dtype, shape and two data_offsets");
        TensorInfo info = Checked(tensor, name, dtype!, shape!, offsets!, out bool isSkipped);
        bool isNew = !_skipped.ContainsKey(name) && !Tensors.ContainsKey(name);
        Require(isNew, $"the header names {tensor} twice");
        (isSkipped ? _skipped : Tensors).Add(name, info);
    }

    private List<long> ReadIntegers(ref Utf8JsonReader reader, string item, int maxCount)
    {
        Require(reader.TokenType == JsonTokenType.StartArray, $"{item} must be an array");
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            long value = 0;
            Require(
                reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out value) && value >= 0,
                $"{item} must hold whole numbers of 0 or more");
            Require(values.Count < maxCount, $"{item} has more than {maxCount} numbers");
            values.Add(value);
        }

        return values;
    }

    // A tensor that is skipped counts as I8 of as many bytes: only where it lies is of interest.
    private TensorInfo Checked(string tensor, string name, string dtype, List<long> shape, List<long> offsets, out bool isSkipped)
    {
        int integerBytes = _skipsIntegers ? IntegerBytes(dtype) : 0;
        isSkipped = integerBytes > 0;
        TensorType type = TensorType.I8;
        if (!isSkipped && !TensorTypes.TryParse(dtype, out type))
        {
            throw Fault($"{tensor} has data type '{QuotedText.Of(dtype)}'; expected {TensorTypes.Names}");
        }

        (long begin, long end) = (offsets[0], offsets[1]);
        Require(begin <= end, $"{tensor} ends at byte {end}, before its beginning at {begin}");
        Require(end <= _dataBytes, $"{tensor} ends at byte {end}; the file has {_dataBytes} bytes of data");
        string described = $"{tensor} of shape {TensorInfo.Text(shape)} in {(isSkipped ? dtype : type.ToString())}";
        int size = isSkipped ? integerBytes : type.SizeBytes();
        Require(TryCountBytes(shape, size, out long bytes), $"{described} is larger than any file");
        Require(bytes == end - begin, $"{described} takes {bytes} bytes; its offsets span {end - begin}");
        return new TensorInfo(name, type, shape, begin, end);
    }

    private static int IntegerBytes(string dtype) => dtype switch
    {
        "I64" or "U64" => 8,
        "I32" or "U32" => 4,
        "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" => 1,
        _ => 0,
    };

    private static bool TryCountBytes(List<long> shape, int valueBytes, out long bytes)
    {
        bytes = shape.Contains(0) ? 0 : valueBytes;
        foreach (long size in shape)
        {
            if (bytes != 0 && size > long.MaxValue / bytes)
            {
                return false;
            }

            bytes *= size;
        }

        return true;
    }

    private void RequireEveryByteOnce()
    {
        TensorInfo[] inOrder = [.. Tensors.Values.Concat(_skipped.Values).OrderBy(t => t.BeginByte).ThenBy(t => t.EndByte)];
        long next = 0;
        foreach (TensorInfo tensor in inOrder)
        {
            string name = QuotedText.Of(tensor.Name);
            Require(tensor.BeginByte >= next, $"tensor '{name}' begins at byte {tensor.BeginByte}, inside the tensor before it");
            Require(tensor.BeginByte == next, $"bytes {next} to {tensor.BeginByte} before tensor '{name}' belong to no tensor");
            next = tensor.EndByte;
        }

        Require(next == _dataBytes, $"{_dataBytes - next} bytes after the last tensor belong to no tensor");
    }

    private void Require(bool condition, string fault)
    {
        if (!condition)
        {
            throw Fault(fault);
        }
    }

    private ModelFileException Fault(string fault) => ModelFileException.In(_file, fault);
}
