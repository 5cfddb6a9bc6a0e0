// Sensors of temperature, humidity and carbon dioxide, read through Iot.Device.Bindings.

using Iot.Device.Lm75;
using Iot.Device.Scd4x;
using Iot.Device.Sht3x;
using Iot.Device.Sht4x;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Sensirion's sensors and the LM75.</summary>
internal static class ClimateBindings
{
    private const double ShtReadMs = 21;
    private const double Scd4xPeriodMs = 5000;

    private static readonly BindingChannel Temperature = new("temperature", "°C");
    private static readonly BindingChannel Humidity = new("humidity", "%");

    /// <summary>SHT30, SHT31, SHT35: the class measures anew for each channel, and rounds to tenths.</summary>
    public static DeviceBinding Sht3x { get; } = new("sht3x", 0,
        [Temperature with { ReadMs = ShtReadMs }, Humidity with { ReadMs = ShtReadMs }], OpenSht3x)
    {
        OtherNames = ["sht30", "sht31", "sht35"],
        ChecksWords = true,   // the class gives its last values again where a checksum is wrong
    };

    /// <summary>SHT40, SHT41, SHT45.</summary>
    public static DeviceBinding Sht4x { get; } = new("sht4x", 10, [Temperature, Humidity], OpenSht4x)
    {
        OtherNames = ["sht40", "sht41", "sht45"],
        ChecksWords = true,
    };

    /// <summary>SCD40, SCD41: they measure every 5 s by their own clock, for which the class waits.</summary>
    public static DeviceBinding Scd4x { get; } = new("scd4x", Scd4xPeriodMs,
        [new("co2", "ppm"), Temperature, Humidity], OpenScd4x)
    {
        OtherNames = ["scd40", "scd41"],
        FirstWaitMs = Scd4xPeriodMs,
        ChecksWords = true,
    };

    /// <summary>LM75: rounded to tenths.</summary>
    public static DeviceBinding Lm75 { get; } = new("lm75", 1, [Temperature], OpenLm75)
    {
        OtherNames = ["lm75a"],
        FirstWaitMs = 300,
    };

    private static ChannelRead OpenSht3x(BusDevice device, bool[] wanted)
    {
        Sht3x sensor = new(device);
        return values =>
        {
            values[0] = wanted[0] ? sensor.Temperature.DegreesCelsius : double.NaN;
            values[1] = wanted[1] ? sensor.Humidity.Percent : double.NaN;
        };
    }

    private static ChannelRead OpenSht4x(BusDevice device, bool[] wanted)
    {
        Sht4x sensor = new(device);
        return values =>
        {
            (var humidity, var temperature) = sensor.ReadHumidityAndTemperature();
            values[0] = temperature?.DegreesCelsius ?? double.NaN;
            values[1] = humidity?.Percent ?? double.NaN;
        };
    }

    private static ChannelRead OpenScd4x(BusDevice device, bool[] wanted)
    {
        Scd4x sensor = new(device);
        sensor.StartPeriodicMeasurements();
        return values =>
        {
            (var carbonDioxide, var humidity, var temperature) = sensor.ReadPeriodicMeasurement();
            values[0] = carbonDioxide?.PartsPerMillion ?? double.NaN;
            values[1] = temperature?.DegreesCelsius ?? double.NaN;
            values[2] = humidity?.Percent ?? double.NaN;
        };
    }

    private static ChannelRead OpenLm75(BusDevice device, bool[] wanted)
    {
        Lm75 sensor = new(device);
        return values => values[0] = sensor.Temperature.DegreesCelsius;
    }
}
