// Every line that a microcontroller sends becomes exactly one message, whatever comes between the lines.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class SerialToBrokerTests
{
    private const int EcgPeriodMs = 4;

    [SkippableFact]
    public void Five_thousand_lines_become_five_thousand_states_each_once()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        using EdgeProcess edge = device.Start();
        string[] lines = Records.Temperatures(5000);
        device.WaitForOnline();

        port.Write("\n");
        device.Send(port, lines);
        device.WaitForStates("oven", lines.Length);

        JsonElement health = device.AskHealth();
        Assert.Equal(lines.Length, device.Subscriber.Count(Device.Topic("oven", "state")));
        Assert.Equal(0, device.Subscriber.Count(Device.Topic("oven", "history")));
        Assert.Single(Records.Boots(device));
        Records.Of(device).ShouldBe(lines, "temperature");
        Assert.Equal(lines.Length, health.GetProperty("streams").GetProperty("oven").GetProperty("steps").GetInt64());
        PublishedMessages.ShouldAllKeepTheSchema(device.Subscriber.Messages.Where(message => !IsRequest(message)));
    }

    [SkippableFact]
    public void Garbage_between_good_lines_is_dropped_and_counted()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath, columns: ["counter", "temperature"]);
        using EdgeProcess edge = device.Start();
        string[] values = Records.Temperatures(200);
        byte[][] noise =
        [
            [0xFF, 0x80, 0x00, 0xC3, 0x28, 0x07, (byte)'\n'],   // no UTF-8
            [0x00, 0x00, 0x00, (byte)'\n'],                     // a line idling at break
            "17\n"u8.ToArray(),                                 // half a line; "17," would be a record without a reading
            "18,12.3.4\n"u8.ToArray(),                          // broken numbers
            "19,--7\n"u8.ToArray(),
            "20,9e\n"u8.ToArray(),
            "21,90.1,22,90.2\n"u8.ToArray(),                    // two lines with the line end between them lost
            [.. Enumerable.Repeat((byte)'5', 5000), (byte)'\n'],   // over-long
        ];

        device.WaitForOnline();

        // Half a line at the start, as when joining in the middle.
        port.Write("5.5\n");
        for (int k = 0; k < values.Length; k++)
        {
            port.Write($"{k},{values[k]}\r\n");
            port.Write(noise[k % noise.Length]);
        }

        device.WaitForStates("oven", values.Length);
        JsonElement stream = device.AskHealth().GetProperty("streams").GetProperty("oven");
        Records.Of(device).ShouldBe(values, "temperature");
        int overLong = Enumerable.Range(0, values.Length).Count(k => k % noise.Length == noise.Length - 1);
        Assert.Equal(overLong, stream.GetProperty("framesOverLong").GetInt32());
        Assert.Equal(1, stream.GetProperty("framesPartial").GetInt32());
        // Bytes beyond ASCII may be letters of a header, which is no record either.
        Assert.Equal(
            values.Length - overLong, stream.GetProperty("recordsRejected").GetInt32()
                + stream.GetProperty("headerLines").GetInt32());
        Assert.Equal(values.Length, stream.GetProperty("steps").GetInt32());
        Assert.Equal(0, stream.GetProperty("channelsFilled").GetInt32());
    }

    [SkippableFact]
    public void Two_streams_of_different_rates_run_side_by_side()
    {
        using Device device = Device.Launch();
        using Pty heart = new();
        using Pty oven = new();
        string ecgProfile = device.AddProfile("electrode", "ecg", "mV", rateHz: 250);
        string ovenProfile = device.AddProfile("thermometer", "temperature", "°C", rateHz: 10);
        device.AddStream("heart", Device.Model("ecg-lstm.safetensors"), Device.Serial(heart.SlavePath, ecgProfile));
        device.AddStream("oven", Device.Model("machine-temperature-gru.safetensors"), Device.Serial(oven.SlavePath, ovenProfile),
            100);
        using EdgeProcess edge = device.Start();
        string[] beats = [.. File.ReadLines(Device.Model("recordings/ecg.csv")).Skip(1).Take(1000).Select(
            line => line.Split(',')[0])];
        string[] temperatures = Records.Temperatures(beats.Length / 25);
        device.WaitForOnline();
        heart.Write("\n");
        oven.Write("\n");

        using ManualResetEventSlim never = new();
        long started = Environment.TickCount64;
        for (int k = 0; k < beats.Length; k++)
        {
            // The pace is the clock's: a late line is followed by the next ones at once, as from a buffering adapter.
            never.Wait((int)Math.Max(0, started + (k * EcgPeriodMs) - Environment.TickCount64));
            heart.Write(beats[k] + "\n");
            if (k % 25 == 0)
            {
                oven.Write(temperatures[k / 25] + "\n");
            }
        }

        device.WaitForStates("heart", beats.Length);
        device.WaitForStates("oven", temperatures.Length);
        Assert.Equal(Floats(beats), Measured(device, "heart", "ecg"));
        Assert.Equal(Floats(temperatures), Measured(device, "oven", "temperature"));
    }

    private static bool IsRequest(MqttMessage message) => message.Topic.Contains("/request/", StringComparison.Ordinal);

    private static float[] Floats(string[] lines) => [.. lines.Select(line => float.Parse(line, CultureInfo.InvariantCulture))];

    // Steps that were filled because this machine paused for longer than the tolerance carry no value.
    private static float[] Measured(Device device, string stream, string channel) =>
    [
        .. Records.Of(device, stream).Values.Select(record => record.GetProperty("values").GetProperty(channel))
            .Where(value => value.ValueKind == JsonValueKind.Number).Select(value => value.GetSingle()),
    ];
}
