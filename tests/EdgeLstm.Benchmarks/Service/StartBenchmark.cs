// From the start of the process to the first forecast at a subscriber; the broker is up and the sensor is sending already.

using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Benchmarks.Service;

internal static class StartBenchmark
{
    private const int RateHz = 250;

    public static Figure[] Measure(int starts)
    {
        double[] ms = [.. Enumerable.Range(0, starts).Select(_ => MeasureOne()).Order()];
        return
        [
            new("startToFirstForecastMs", $"start → first forecast at a subscriber, median of {starts}, ms",
                Figure.Quantile(ms, 0.5), 200),
            new("startToFirstForecastMaxMs", "… longest ms", ms[^1]),
        ];
    }

    private static double MeasureOne()
    {
        using Device device = new(MosquittoBroker.Launch());
        using Pty port = new();
        string profile = device.AddProfile("electrode", "ecg", "mV", rateHz: RateHz);
        device.AddStream("heart", Device.Model("ecg-lstm.safetensors"), Device.Serial(port.SlavePath, profile));
        using PacedFeed feed = new PacedFeed(port, RateHz, ServiceBenchmarks.Lines("ecg.csv", 0)).Start();
        using EdgeProcess edge = device.Start();
        device.WaitForStates("heart", 1);
        return ServiceBenchmarks.Ms(edge.StartedTicks, device.Subscriber.Of("/state")[0].ReceivedTicks);
    }
}
