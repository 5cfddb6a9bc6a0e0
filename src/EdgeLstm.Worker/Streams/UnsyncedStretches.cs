// What was stamped before the clock was synchronised, start by start, and how to correct it; a line of text each:
//
//     1a2b3c4d 0c1d…(boot of the machine) 1763690000000000000(offset held, ns) 8123456(correction, ms; - while not known)

using System.Globalization;

namespace EdgeLstm.Worker.Streams;

/// <summary>The records with <c>timeSynced: false</c> of one start of the program, <paramref name="Boot"/>.</summary>
/// <param name="Boot">8 hexadecimal digits, as in the records.</param>
/// <param name="KernelBoot">The boot of the machine.</param>
/// <param name="HeldOffsetNs">Wall time minus steady time that they were stamped with.</param>
/// <param name="CorrectionMs">They were made at <c>ts</c> + this; null while not known.</param>
public sealed record UnsyncedStretch(string Boot, Guid KernelBoot, long HeldOffsetNs, long? CorrectionMs);

/// <summary>The latest stretches, in a file where there is a folder for it: records of an earlier start may still wait in the
/// outbox.</summary>
/// <remarks>
/// At most <see cref="Limit"/> are kept; the oldest goes first. A machine that is switched off before its clock was synchronised
/// takes the knowledge with it: such a stretch stays without correction. The file is written by a pool thread.
/// </remarks>
public sealed class UnsyncedStretches
{
    /// <summary>Stretches kept at most.</summary>
    public const int Limit = 16;

    private const double NsPerMs = 1e6;

    private readonly Lock _gate = new();
    private readonly Lock _disk = new();
    private readonly string? _path;
    private readonly string _boot;
    private readonly Guid _kernelBoot;
    private UnsyncedStretch[] _stretches;

    /// <param name="path">The file; null for none. One that is damaged is as good as none.</param>
    /// <param name="boot">This start of the program.</param>
    /// <param name="kernelBoot">The boot of the machine.</param>
    public UnsyncedStretches(string? path, string boot, Guid kernelBoot)
    {
        (_path, _boot, _kernelBoot) = (path, boot, kernelBoot);
        _stretches = Load(path);
    }

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyList<UnsyncedStretch> All
    {
        get { lock (_gate) { return _stretches; } }
    }

    /// <summary>What is to be added to times that were stamped with one offset, in milliseconds.</summary>
    public static long CorrectionMs(long heldOffsetNs, long offsetNs) => (long)Math.Round((offsetNs - heldOffsetNs) / NsPerMs);

    /// <summary>This start stamps records with an offset that may be wrong.</summary>
    public void Begin(long heldOffsetNs)
    {
        lock (_gate)
        {
            UnsyncedStretch[] latest = [.. _stretches.TakeLast(Limit - 1)];
            _stretches = [.. latest, new UnsyncedStretch(_boot, _kernelBoot, heldOffsetNs, null)];
        }

        Save();
    }

    /// <summary>The right offset is known: so are the corrections of all stretches since the machine was started.</summary>
    public void Settle(long offsetNs)
    {
        lock (_gate)
        {
            if (!Array.Exists(_stretches, IsOpen))
            {
                return;
            }

            _stretches = Array.ConvertAll(_stretches, stretch => IsOpen(stretch)
                ? stretch with { CorrectionMs = CorrectionMs(stretch.HeldOffsetNs, offsetNs) }
                : stretch);
        }

        // By a thread that may wait for the disk: whoever noticed may be a stream's.
        ThreadPool.UnsafeQueueUserWorkItem(static stretches => stretches.Save(), this, preferLocal: false);
    }

    private bool IsOpen(UnsyncedStretch stretch) =>
        stretch.CorrectionMs is null && (stretch.KernelBoot == _kernelBoot && _kernelBoot != Guid.Empty || stretch.Boot == _boot);

    private static UnsyncedStretch[] Load(string? path)
    {
        try
        {
            return path is null || !File.Exists(path)
                ? []
                : [.. File.ReadLines(path).Take(Limit).Select(Read).OfType<UnsyncedStretch>()];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static UnsyncedStretch? Read(string line)
    {
        string[] words = line.Split(' ');
        return words.Length == 4 && words[0].Length == 8
            && uint.TryParse(words[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)
            && Guid.TryParse(words[1], out Guid kernelBoot)
            && long.TryParse(words[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long heldOffsetNs)
                ? new UnsyncedStretch(words[0], kernelBoot, heldOffsetNs,
                    long.TryParse(words[3], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long ms) ? ms : null)
                : null;
    }

    private static string Write(UnsyncedStretch stretch)
    {
        string correction = stretch.CorrectionMs?.ToString(CultureInfo.InvariantCulture) ?? "-";
        return string.Create(
            CultureInfo.InvariantCulture, $"{stretch.Boot} {stretch.KernelBoot} {stretch.HeldOffsetNs} {correction}");
    }

    // Without it the corrections are known until the next start, which is as good as can be.
    private void Save()
    {
        if (_path is null)
        {
            return;
        }

        lock (_disk)
        {
            try
            {
                string temporary = _path + ".new";
                File.WriteAllLines(temporary, All.Select(Write));
                File.Move(temporary, _path, overwrite: true);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
            }
        }
    }
}
