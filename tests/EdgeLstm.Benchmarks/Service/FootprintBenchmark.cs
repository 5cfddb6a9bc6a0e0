// Size of the program, and memory and processor time with both shipped models running, at 250 and 10 samples a second.

using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Benchmarks.Service;

internal static class FootprintBenchmark
{
    private const int EcgRateHz = 250;
    private const int OvenRateHz = 10;

    public static Figure[] Measure(string binary, int seconds)
    {
        using Device device = new(MosquittoBroker.Launch());
        using Pty heart = new();
        using Pty oven = new();
        string ecg = device.AddProfile("electrode", "ecg", "mV", rateHz: EcgRateHz);
        string thermometer = device.AddProfile("thermometer", "temperature", "°C", rateHz: OvenRateHz);
        device.AddStream("heart", Device.Model("ecg-lstm.safetensors"), Device.Serial(heart.SlavePath, ecg));
        device.AddStream("oven", Device.Model("machine-temperature-gru.safetensors"),
            Device.Serial(oven.SlavePath, thermometer), 1000.0 / OvenRateHz);
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        using PacedFeed slow = new PacedFeed(oven, OvenRateHz, ServiceBenchmarks.Lines("machine-temperature.csv", 1)).Start();
        using PacedFeed fast = new(heart, EcgRateHz, ServiceBenchmarks.Lines("ecg.csv", 0));
        double cpu = ProcessFigures.CpuSeconds(edge.Id);
        fast.Send((long)EcgRateHz * seconds);
        cpu = ProcessFigures.CpuSeconds(edge.Id) - cpu;
        return
        [
            new("binaryBytes", "size of the program, bytes", new FileInfo(binary).Length, 12_000_000),
            new("residentBytes", $"resident memory with two streams after {seconds} s, bytes",
                ProcessFigures.ResidentBytes(edge.Id), 20_000_000),
            new("twoStreamsCpuPercentOfCore", "processor time with them, all samples published, percent of one core",
                100 * cpu / seconds),
        ];
    }
}
