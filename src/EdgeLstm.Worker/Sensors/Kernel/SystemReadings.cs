// Figures out of the longer files of /proc: a word of a line, memory by its names, processor time by differences.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>One of several numbers in a line, such as the second of /proc/loadavg.</summary>
/// <param name="file">The file; disposed with the reading.</param>
/// <param name="index">Which number, counted from 0.</param>
internal sealed class WordReading(KernelFile file, int index) : KernelReading
{
    private const int LineBytes = 128;

    /// <inheritdoc/>
    public override string Path => file.Path;

    /// <inheritdoc/>
    public override bool TryRead(out double value, out int errno)
    {
        Span<byte> buffer = stackalloc byte[LineBytes];
        int count = file.Read(buffer);
        ReadOnlySpan<byte> text = buffer[..Math.Max(0, count)];
        for (int i = 0; i < index; i++)
        {
            text = text[(text.IndexOf((byte)' ') + 1)..];
        }

        bool read = KernelFile.TryParse(text, out value);
        errno = count < 0 ? -count : read ? 0 : LibC.EBADMSG;
        return read;
    }

    /// <inheritdoc/>
    public override void Dispose() => file.Dispose();
}

/// <summary>What /proc/meminfo says, in KiB.</summary>
internal readonly record struct MemoryKiB(double Total, double Available, double SwapTotal, double SwapFree);

/// <summary>A figure of /proc/meminfo.</summary>
/// <param name="file">The file; disposed with the reading.</param>
/// <param name="figure">What is made of it.</param>
internal sealed class MemoryReading(KernelFile file, Func<MemoryKiB, double> figure) : KernelReading
{
    private const int FileBytes = 4096;

    /// <inheritdoc/>
    public override string Path => file.Path;

    /// <inheritdoc/>
    public override bool TryRead(out double value, out int errno)
    {
        Span<byte> buffer = stackalloc byte[FileBytes];
        int count = file.Read(buffer);
        ReadOnlySpan<byte> text = buffer[..Math.Max(0, count)];
        bool read = TryFind(text, "MemTotal:"u8, out double total) & TryFind(text, "MemAvailable:"u8, out double available)
            & TryFind(text, "SwapTotal:"u8, out double swapTotal) & TryFind(text, "SwapFree:"u8, out double swapFree);
        value = read ? figure(new MemoryKiB(total, available, swapTotal, swapFree)) : double.NaN;
        errno = count < 0 ? -count : read ? 0 : LibC.EBADMSG;
        return read;
    }

    /// <inheritdoc/>
    public override void Dispose() => file.Dispose();

    private static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out double value)
    {
        value = 0;
        int at = text.IndexOf(name);
        return at >= 0 && KernelFile.TryParse(text[(at + name.Length)..], out value);
    }
}

/// <summary>Share of processor time that was not idle since the reading before, in percent, over all processors.</summary>
/// <remarks>
/// The first line of /proc/stat: cpu user nice system idle iowait irq softirq steal …, in ticks of 10 ms since the start. NaN at
/// the first reading and where no tick has passed since the last.
/// </remarks>
/// <param name="file">/proc/stat; disposed with the reading.</param>
internal sealed class BusyReading(KernelFile file) : KernelReading
{
    private const int LineBytes = 256;
    private const int Idle = 3;
    private const int IoWait = 4;
    private const int Steal = 7;   // guest time, after it, is part of user time

    private double _idle = double.NaN;
    private double _total = double.NaN;

    /// <inheritdoc/>
    public override string Path => file.Path;

    /// <inheritdoc/>
    public override bool TryRead(out double value, out int errno)
    {
        Span<byte> buffer = stackalloc byte[LineBytes];
        int count = file.Read(buffer);
        bool read = TrySum(buffer[..Math.Max(0, count)], out double idle, out double total);
        value = total > _total ? 100 * (1 - ((idle - _idle) / (total - _total))) : double.NaN;
        errno = count < 0 ? -count : read ? 0 : LibC.EBADMSG;
        if (read)
        {
            _idle = idle;
            _total = total;
        }

        return read;
    }

    /// <inheritdoc/>
    public override void Dispose() => file.Dispose();

    private static bool TrySum(ReadOnlySpan<byte> text, out double idle, out double total)
    {
        idle = total = 0;
        if (!text.StartsWith("cpu "u8))
        {
            return false;
        }

        text = text[4..];
        for (int i = 0; i <= Steal; i++)
        {
            text = text.TrimStart((byte)' ');
            if (!KernelFile.TryParse(text, out double ticks))
            {
                return i > Idle;   // old kernels have fewer columns
            }

            total += ticks;
            idle += i is Idle or IoWait ? ticks : 0;
            text = text[(text.IndexOf((byte)' ') + 1)..];
        }

        return true;
    }
}
