// How many of the received bytes a framing explains.

namespace EdgeLstm.Worker.Scanning;

/// <summary>Counts valid records and their bytes.</summary>
/// <param name="allBytes">Bytes that would all belong to records if the framing were right: without the parts of a record at
/// either end.</param>
internal sealed class RecordTally(int allBytes)
{
    /// <summary>Bytes that were looked at.</summary>
    public int AllBytes { get; } = allBytes;

    /// <summary>Bytes in valid records, with what delimits them.</summary>
    public int ValidBytes { get; private set; }

    /// <summary>Valid records.</summary>
    public int Records { get; private set; }

    /// <summary>Where the first valid record ends.</summary>
    public int FirstEnd { get; private set; }

    /// <summary>Where the last valid record ends.</summary>
    public int LastEnd { get; private set; }

    /// <summary>Counts a valid record.</summary>
    /// <param name="length">Its bytes with what delimits it.</param>
    /// <param name="end">Where it ends.</param>
    public void Add(int length, int end)
    {
        ValidBytes += length;
        FirstEnd = Records == 0 ? end : FirstEnd;
        LastEnd = end;
        Records++;
    }

    /// <summary>Counts bytes that fit the framing but are no record: a header line.</summary>
    public void AddOther(int length) => ValidBytes += length;
}
