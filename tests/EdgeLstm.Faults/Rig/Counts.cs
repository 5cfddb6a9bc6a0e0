// How often each fault is made: a few times in every build, as often as promised when EDGELSTM_FAULTS is "full".

namespace EdgeLstm.Faults.Rig;

internal static class Counts
{
    /// <summary>Whether the full counts were asked for.</summary>
    public static bool AreFull => Environment.GetEnvironmentVariable("EDGELSTM_FAULTS") == "full";

    /// <summary>The program's flush interval in these tests, in milliseconds: its default, or shorter to spare time.</summary>
    public static int FlushIntervalMs => Of(250, 1000);

    /// <summary>A count.</summary>
    public static int Of(int brief, int full) => AreFull ? full : brief;
}
