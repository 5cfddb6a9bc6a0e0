// The sensors that are read through Iot.Device.Bindings, by name, and whether a stream can be.

using System.Globalization;
using EdgeLstm.Core.Json;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>All bindings. Their channels have the names and units of the profiles in firmware-configs/i2c/; what a class has
/// otherwise than its sensor's data sheet is set right where it is read.</summary>
internal static class DeviceBindings
{
    /// <summary>One for each kind of sensor.</summary>
    public static IReadOnlyList<DeviceBinding> All { get; } =
    [
        PressureBindings.Bme280, PressureBindings.Bmp280, PressureBindings.Bme680,
        MotionBindings.Mpu6050, MotionBindings.Mpu9250, MotionBindings.Adxl345,
        ElectricBindings.Ads1115, ElectricBindings.Ina219,
        ClimateBindings.Sht3x, ClimateBindings.Sht4x, ClimateBindings.Scd4x, ClimateBindings.Lm75,
        OpticalBindings.Bh1750, OpticalBindings.Tsl2561, OpticalBindings.Vl53l0x,
    ];

    /// <summary>The binding of a profile's sensor; null where there is none.</summary>
    /// <param name="profile">A profile of transport i2c.</param>
    public static DeviceBinding? Find(SensorProfile profile) => All.FirstOrDefault(binding => binding.Is(SensorOf(profile)));

    /// <summary>Lists what keeps a stream from being read through a binding. Touches no device.</summary>
    /// <param name="stream">A stream of kind i2c.</param>
    /// <param name="path">Its source in the configuration.</param>
    /// <param name="problems">Receives what was wrong.</param>
    public static void Check(StreamPlan stream, string path, ProblemList problems)
    {
        if (Find(stream.Profile) is not { } binding)
        {
            string sensor = SensorOf(stream.Profile);
            problems.Add($"{path}.driver", $"Iot.Device.Bindings is not used for '{sensor}', which profile "
                + $"'{stream.Profile.Name}' is of{NearestName.DidYouMean(sensor, All.Select(known => known.Name))}");
            return;
        }

        ChannelProfile[] channels =
            [.. stream.Profile.Channels.Where(channel => stream.ProfileChannels.Contains(channel.Name))];
        foreach (ChannelProfile channel in channels)
        {
            CheckChannel(channel, binding, $"{path}.profile", problems);
        }

        double durationMs = binding.DurationMs(channels.Select(channel => channel.FieldText));
        if (stream.ReadRateHz * durationMs > 1000)
        {
            problems.Add($"{path}.rateHz", string.Create(CultureInfo.InvariantCulture,
                $"must be at most {1000 / durationMs:0.###}: a reading through the binding of {binding.Name} takes "
                    + $"{durationMs:0.###} ms; got {stream.ReadRateHz:0.###}"));
        }
    }

    private static void CheckChannel(ChannelProfile channel, DeviceBinding binding, string path, ProblemList problems)
    {
        string given = string.Join(", ", binding.Channels.Select(known => $"{known.Name} ({known.Unit})"));
        BindingChannel? found = Array.Find(binding.Channels, known => known.Name == channel.FieldText);
        if (found is null)
        {
            problems.Add(path, $"channel '{channel.Name}' asks for '{channel.FieldText}', which the binding of {binding.Name} "
                + $"does not give; it gives {given}: leave the channel out of the stream's channels, or the driver out of its source");
        }
        else if (channel.Unit.Length > 0 && channel.Unit != found.Unit)
        {
            problems.Add(path, $"channel '{channel.Name}' is in {channel.Unit}; the binding of {binding.Name} gives {given}");
        }
    }

    private static string SensorOf(SensorProfile profile) => profile.TransportOrSerial.I2c?.Binding ?? profile.Name;
}
