// Whether the system clock is set to the true time:  adjtimex(2), maxerror < 16 s;  where that is forbidden, the mark that
// systemd-timesyncd leaves.

namespace EdgeLstm.Worker.Linux;

/// <summary>Asks the kernel; takes about a microsecond and allocates nothing.</summary>
/// <remarks>
/// The kernel's estimate of the error rises to 16 s when the clock is set by hand or nobody corrected it for nine hours, and is
/// there after a boot. STA_UNSYNC says less: chrony leaves it set where it keeps the kernel from writing the hardware clock.
/// Source: Linux, include/linux/timex.h (NTP_PHASE_LIMIT); systemd, src/basic/time-util.c (ntp_synced).
/// </remarks>
internal static class ClockSync
{
    private const nint LimitUs = 16_000_000;
    private const int F_OK = 0;
    private const string TimesyncdMark = "/run/systemd/timesync/synchronized";

    /// <summary>True when the clock is synchronised, as far as can be told.</summary>
    public static unsafe bool IsSynchronised()
    {
        LibC.TimeX clock = default;   // modes 0: it is read only, which needs no right
        // A unit with ProtectClock= gets EPERM.
        return LibC.AdjTimeX(&clock) >= 0 ? clock.MaxErrorUs < LimitUs : LibC.Access(TimesyncdMark, F_OK) == 0;
    }
}
