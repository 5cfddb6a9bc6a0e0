// What must hold for binary records: their fields, start and end bytes, length and checksum.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Framing;

/// <summary>The rules of a <see cref="FramingProfile"/> with fields.</summary>
internal static class BinaryRules
{
    /// <summary>Fields a record may have at most.</summary>
    public const int FieldLimit = 1024;

    /// <summary>Start or end bytes a record may have at most.</summary>
    public const int MarkLimitBytes = 8;

    private const int CobsBlockBytes = 254;

    public static void Check(FramingProfile framing, ProblemList problems)
    {
        if (framing.Fields is not { Count: > 0 and <= FieldLimit } fields)
        {
            string example = "such as [{ \"name\": \"x\", \"type\": \"int16\" }]";
            problems.Add("framing.fields", framing.Fields is { Count: > 0 }
                ? $"may have {FieldLimit} entries at most; got {framing.Fields.Count}"
                : $"is required for {framing.Kind}: {example}");
            return;
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < fields.Count; i++)
        {
            if (fields[i].Name is { } name && !names.Add(name))
            {
                problems.Add($"framing.fields[{i}].name", $"'{name}' is given twice");
            }

            CheckField(fields[i], fields[i].ByteOrder ?? framing.ByteOrder, $"framing.fields[{i}]", problems);
        }

        CheckFrame(framing, problems);
        CheckSize(framing, problems);
    }

    private static void CheckField(FieldProfile field, string byteOrder, string path, ProblemList problems)
    {
        int bits = 8 * BinaryField.WidthOf(field.Type);
        bool isFloat = field.Type.StartsWith("float", StringComparison.Ordinal);
        string key = field.Bits is null ? "lowBit" : "bits";
        bool isPart = field.LowBit != 0 || field.Bits is not null;
        if (bits == 0)
        {
            return;   // the type is not one: told already
        }

        if (isFloat && isPart)
        {
            problems.Add($"{path}.{key}", $"is for whole numbers; {field.Type} has no bit fields");
        }
        else if (field.LowBit + (field.Bits ?? 1) > bits)
        {
            problems.Add($"{path}.{key}",
                $"bits {field.LowBit} to {field.LowBit + (field.Bits ?? 1) - 1} are beyond the {bits} bits of {field.Type}");
        }

        if (bits == 24 && byteOrder is "cdab" or "badc")
        {
            problems.Add($"{path}.byteOrder", $"must be little or big for {field.Type}; got '{byteOrder}'");
        }
    }

    private static void CheckFrame(FramingProfile framing, ProblemList problems)
    {
        bool isSearched = framing.Kind is "fixed" or "length-prefixed";
        if (framing.Kind == "delimited" && framing.Delimiter is null)
        {
            problems.Add("framing.delimiter", "is required for delimited: such as [\"0x0D\", \"0x0A\"]");
        }

        if (framing.Kind == "length-prefixed" && framing.Length is null)
        {
            problems.Add("framing.length", "is required for length-prefixed: such as { \"type\": \"uint8\" }");
        }

        if (isSearched && framing.Start is null && framing.Checksum is null)
        {
            problems.Add("framing.start",
                $"is required for {framing.Kind} without a checksum: nothing else tells where a record begins");
        }

        CheckBytes(framing.Start, "framing.start", problems);
        CheckBytes(framing.Delimiter, "framing.delimiter", problems);
        if (framing.Checksum is { } checksum)
        {
            ChecksumRules.Check(checksum, "framing.checksum", problems);
            if (checksum.FromStart && !isSearched)
            {
                problems.Add("framing.checksum.fromStart", "is for fixed, length-prefixed only; leave it out");
            }
        }
    }

    private static void CheckBytes(IReadOnlyList<HexNumber>? bytes, string path, ProblemList problems)
    {
        if (bytes is { Count: 0 or > MarkLimitBytes })
        {
            problems.Add(path, $"must have 1 to {MarkLimitBytes} bytes; got {bytes.Count}");
        }

        for (int i = 0; i < bytes?.Count; i++)
        {
            if (bytes[i] is not { Value: >= 0 and <= byte.MaxValue })   // null where the file has null
            {
                string found = bytes[i] is { Value: >= 0 } ? $"; got {bytes[i]}" : "";
                problems.Add($"{path}[{i}]", $"must be a byte such as 66 or \"0x42\"{found}");
            }
        }
    }

    // The longest frame must hold a record with all that is around it, and a length must be able to say it.
    private static void CheckSize(FramingProfile framing, ProblemList problems)
    {
        int record = BinaryField.RecordBytes(framing);
        int checksum = framing.Kind == "cobs-crc16" ? 2 : ChecksumRules.BytesOf(framing.Checksum?.Kind ?? "");
        int length = framing.Kind == "length-prefixed" ? BinaryField.WidthOf(framing.Length?.Type ?? "") : 0;
        bool hasMarks = framing.Kind is "fixed" or "length-prefixed";
        int marks = hasMarks ? (framing.Start?.Count ?? 0) + (framing.Delimiter?.Count ?? 0) : 0;
        int bytes = record + checksum + length + marks;
        bool isCobs = framing.Kind is "cobs" or "cobs-crc16";
        bytes += isCobs ? 1 + (bytes / CobsBlockBytes) : 0;   // COBS adds a byte at the start and after every 254
        int limit = framing.MaxFrameBytes ?? ProfileReader.DefaultBinaryFrameBytes;
        if (bytes > limit)
        {
            string what = isCobs ? "encoded, with checksum" : "with all around its fields";
            problems.Add("framing.maxFrameBytes", $"must hold a record of {bytes} bytes ({what}); got {limit}");
        }

        long longest = length is 0 or 4 ? uint.MaxValue : (1L << (8 * length)) - 1;
        if (record + (framing.Length?.Beyond ?? 0) > longest)
        {
            problems.Add("framing.length.type", $"{framing.Length?.Type} cannot say the {record} bytes of the fields");
        }
    }
}
