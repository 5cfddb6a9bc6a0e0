// What one published message costs with each client of a broker in this build, against a real mosquitto on loopback.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Benchmarks.Packages;

/// <summary>Records go the link's whole way: ring, payload, QoS 1, PUBACK. In turns, so that whatever slows the machine slows
/// all.</summary>
internal static class BrokerDriverBenchmark
{
    private const int Rounds = 5;
    private const int Messages = 20_000;
    private const int Ring = 32_768;
    private const int FirstRecords = 1000;
    private const int Announcements = 2;

    /// <summary>Prints one line for each driver; 5 where one loses a message, or libmosquitto allocates.</summary>
    public static int Run()
    {
        if (MosquittoBroker.Missing is { } missing)
        {
            Console.WriteLine(missing);
            return 5;
        }

        string[] drivers = DriversHere();
        Dictionary<string, List<Cost>> costs = drivers.ToDictionary(driver => driver, _ => new List<Cost>());
        for (int round = 0; round <= Rounds; round++)
        {
            foreach (string driver in drivers)
            {
                Cost cost = Measure(driver);
                if (round > 0)   // the first one compiles
                {
                    costs[driver].Add(cost);
                }
            }
        }

        Console.WriteLine($"{Messages} messages of about 400 bytes, QoS 1; medians of {Rounds} rounds, a message");
        Console.WriteLine("driver          I/O thread bytes   process bytes   processor µs   wall µs");
        bool good = true;
        foreach ((string driver, List<Cost> rounds) in costs)
        {
            double ofThread = Median(rounds, cost => cost.ThreadBytes);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{driver,-14}{ofThread,18:F0}{Median(rounds, cost => cost.ProcessBytes),16:F0}"
                + $"{Median(rounds, cost => cost.ProcessorUs),15:F1}{Median(rounds, cost => cost.WallUs),10:F1}"));
            good &= driver != Drivers.Mqtt.Default || ofThread == 0;
        }

        return good ? 0 : 5;
    }

    private static string[] DriversHere() => Drivers.HasFieldPackages
        ? [Drivers.Mqtt.Default, Drivers.Mqtt.Named]
        : [Drivers.Mqtt.Default];

    private static Cost Measure(string driver)
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using LinkBench bench = new(LinkBench.Options(broker.Port) with { Driver = driver, InFlight = 64 }, ring: Ring);
        bench.WaitConnected();
        long announced = Settle(bench);
        long threadBefore = bench.Link.AllocatedBytes;
        long processBefore = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan processorBefore = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        bench.Append(Messages);
        if (!LinkBench.Eventually(() => bench.Link.Acknowledged == announced + Messages, seconds: 60))
        {
            throw new InvalidOperationException($"{driver} lost messages: {bench.Describe()}");
        }

        TimeSpan wall = Stopwatch.GetElapsedTime(started);
        TimeSpan processor = Environment.CpuUsage.TotalTime - processorBefore;
        return new Cost(
            (bench.Link.AllocatedBytes - threadBefore) / (double)Messages,
            (GC.GetTotalAllocatedBytes(precise: true) - processBefore) / (double)Messages,
            processor.TotalMicroseconds / Messages,
            wall.TotalMicroseconds / Messages);
    }

    // Status and health are out, and a few records have taken every path once.
    private static long Settle(LinkBench bench)
    {
        bench.Append(FirstRecords);
        LinkBench.Eventually(() => bench.Link.Acknowledged == FirstRecords + Announcements);
        return bench.Link.Acknowledged;
    }

    private static double Median(List<Cost> rounds, Func<Cost, double> what) => rounds.Select(what).Order().ElementAt(Rounds / 2);

    private readonly record struct Cost(double ThreadBytes, double ProcessBytes, double ProcessorUs, double WallUs);
}
