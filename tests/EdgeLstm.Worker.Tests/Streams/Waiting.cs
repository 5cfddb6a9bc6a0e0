// Waiting for what another thread does, with a limit.

using System.Diagnostics;

namespace EdgeLstm.Worker.Tests.Streams;

internal static class Waiting
{
    /// <summary>Waits until <paramref name="condition"/> holds; fails after 20 seconds.</summary>
    public static void Until(Func<bool> condition, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20), $"waited in vain until {what}");
            Thread.Yield();
        }
    }
}
