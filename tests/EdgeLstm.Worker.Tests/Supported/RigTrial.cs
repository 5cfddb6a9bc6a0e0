// What an emulated sensor is put through: its example, then every fault, and its example again after each.

using System.Diagnostics;

namespace EdgeLstm.Worker.Tests.Supported;

/// <summary>The trial that profiles pass, whatever reads them.</summary>
internal static class RigTrial
{
    private const int SlowReads = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Fails where an example does not come, a fault does not show, or a value comes that nobody measured.</summary>
    /// <param name="rig">The emulated sensor.</param>
    /// <param name="reader">Reads the rig's source.</param>
    public static void Run(SensorRig rig, RigReader reader)
    {
        AssertExample(rig, reader, "at the start");
        foreach (Fault fault in rig.Faults)
        {
            rig.Break(fault);
            AssertBroken(rig, reader, fault);
            rig.Mend();
            AssertExample(rig, reader, $"after {fault}");
        }
    }

    /// <summary>Reads until the example came so many times.</summary>
    /// <returns>Records with another value in them.</returns>
    public static int CountWrongUntilExample(SensorRig rig, RigReader reader, int examples)
    {
        int wrong = 0;
        long started = Stopwatch.GetTimestamp();
        for (int found = 0; found < examples;)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{rig}: not set up again; problem: {reader.Problem}");
            if (reader.Read() is not { } values)
            {
                continue;
            }

            bool[] equal = [.. rig.Example.Select((example, i) => Math.Abs(values[i] - example.Value) <= example.Tolerance)];
            found += equal.All(isEqual => isEqual) ? 1 : 0;
            wrong += equal.Where((isEqual, i) => !isEqual && float.IsFinite(values[i])).Any() ? 1 : 0;
        }

        return wrong;
    }

    // A fault shows: the source is lost, or records are rejected or missing values; never a value that nobody measured.
    private static void AssertBroken(SensorRig rig, RigReader reader, Fault fault)
    {
        reader.Mark();
        long started = Stopwatch.GetTimestamp();
        // An answer that is merely slow may show nothing: it must only do no harm.
        for (int reads = 0; !reader.FaultShows && !(fault == Fault.SlowAnswer && reads >= SlowReads); reads++)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{rig}: {fault} does not show");
            if (reader.Read() is not { } values)
            {
                continue;
            }

            for (int i = 0; i < values.Length; i++)
            {
                (string channel, double expected, double tolerance) = rig.Example[i];
                Assert.True(!float.IsFinite(values[i]) || Math.Abs(values[i] - expected) <= tolerance,
                    $"{rig}: {fault}: {channel} is {values[i]}, which nobody measured");
            }
        }
    }

    private static void AssertExample(SensorRig rig, RigReader reader, string when)
    {
        Assert.Equal(reader.Channels, rig.Example.Select(example => example.Channel));
        long started = Stopwatch.GetTimestamp();
        float[] values = [];
        while (!rig.Example.Select((example, i) => i < values.Length && Math.Abs(values[i] - example.Value) <= example.Tolerance)
            .All(equal => equal))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience,
                $"{rig} {when}: got [{string.Join(", ", values)}]; problem: {reader.Problem}");
            values = reader.Read() ?? values;
        }
    }
}
