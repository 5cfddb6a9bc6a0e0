// Time that a fault lasts, or between two samples. Never a way to wait for something to happen.

namespace EdgeLstm.Faults.Rig;

internal static class Pause
{
    private static readonly ManualResetEventSlim Never = new();

    public static void For(int ms) => Never.Wait(ms);
}
