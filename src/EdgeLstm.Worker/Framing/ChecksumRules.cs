// What must hold between the values of a checksum; the rules of single values are attributes of the record.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Framing;

/// <summary>The rules of a <see cref="ChecksumProfile"/>.</summary>
internal static class ChecksumRules
{
    /// <summary>Lists what is wrong with a checksum.</summary>
    /// <param name="checksum">The checksum.</param>
    /// <param name="path">Where in the file it stands, such as <c>framing.checksum</c>.</param>
    /// <param name="problems">Receives what was wrong.</param>
    public static void Check(ChecksumProfile checksum, string path, ProblemList problems)
    {
        bool isCrc = checksum.Kind.StartsWith("crc-", StringComparison.Ordinal);
        if (isCrc && checksum.Polynomial is null)
        {
            problems.Add($"{path}.polynomial", $"is required for {checksum.Kind}: such as \"0x07\" or \"0x1021\"");
        }

        if (!isCrc && (checksum.Polynomial is not null || checksum.Reflected))
        {
            problems.Add($"{path}.{(checksum.Reflected ? "reflected" : "polynomial")}", "is for a crc only; leave it out");
        }

        if (isCrc && checksum.Polynomial is { Value: 0 })
        {
            problems.Add($"{path}.polynomial", "must not be 0: no error would be noticed");
        }

        CheckWidth(checksum.Polynomial, checksum.Kind, $"{path}.polynomial", problems);
        CheckWidth(checksum.Initial, checksum.Kind, $"{path}.initial", problems);
        CheckWidth(checksum.FinalXor, checksum.Kind, $"{path}.finalXor", problems);
    }

    /// <summary>Bytes of a kind; 0 when there is no such kind.</summary>
    public static int BytesOf(string kind) => kind switch
    {
        "crc-8" or "sum-8" or "xor-8" => 1,
        "crc-16" or "sum-16" => 2,
        "crc-32" => 4,
        _ => 0,
    };

    private static void CheckWidth(HexNumber? number, string kind, string path, ProblemList problems)
    {
        int bits = 8 * BytesOf(kind);
        if (number is { Value: < 0 })
        {
            problems.Add(path, "must be a whole number such as 7 or \"0x07\"");
        }
        else if (number is not null && bits > 0 && number.Value >> bits != 0)
        {
            string highest = kind.StartsWith("crc-", StringComparison.Ordinal) ? "; leave out a polynomial's highest term" : "";
            problems.Add(path, $"must have at most {bits} bits; got {number}{highest}");
        }
    }
}
