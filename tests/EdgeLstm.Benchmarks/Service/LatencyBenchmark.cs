// From the write of a line's last byte to the message at a subscriber, at 100 samples a second.

using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Benchmarks.Service;

internal static class LatencyBenchmark
{
    private const int RateHz = 100;
    private const int WarmUpSamples = 100;

    public static Figure[] Measure(int seconds)
    {
        using Device device = new(MosquittoBroker.Launch());
        using Pty port = new();
        string profile = device.AddProfile("electrode", "ecg", "mV", rateHz: RateHz);
        device.AddStream("heart", Device.Model("ecg-lstm.safetensors"), Device.Serial(port.SlavePath, profile), 1000.0 / RateHz);
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        port.Write("\n");

        int count = WarmUpSamples + (RateHz * seconds);
        long[] written = new long[count + 1];
        using PacedFeed feed = new(port, RateHz, ServiceBenchmarks.Lines("ecg.csv", 0));
        feed.Send(count, (sent, now) => written[sent] = now);
        device.WaitForStates("heart", count);

        // A write that carried several lines, after a pause of this machine, tells the time of the last one only.
        double[] ms =
        [
            .. device.Subscriber.Of("/state").Where(message => message.Sequence is > WarmUpSamples && message.Sequence <= count)
                .Where(message => written[message.Sequence] != 0)
                .Select(message => ServiceBenchmarks.Ms(written[message.Sequence], message.ReceivedTicks)).Order(),
        ];
        return
        [
            new("latencySamples", $"lines timed at {RateHz} a second", ms.Length),
            new("latencyMedianMs", "last byte → message at a subscriber, median ms", Figure.Quantile(ms, 0.5), 1),
            new("latencyP99Ms", "… 99 of 100 within ms", Figure.Quantile(ms, 0.99), 5),
            new("latencyMaxMs", "… longest ms", ms[^1]),
        ];
    }
}
