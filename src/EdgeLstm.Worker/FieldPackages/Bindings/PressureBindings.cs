// Bosch's sensors of temperature, pressure and humidity, read through Iot.Device.Bindings.

using EdgeLstm.Worker.Linux;
using Iot.Device.Bmxx80;
using Iot.Device.Bmxx80.PowerMode;
using Iot.Device.Bmxx80.ReadResult;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Forced measurements, oversampling 1 each, filter off, as the classes set them.</summary>
internal static class PressureBindings
{
    private const byte CtrlMeas280 = 0xF4, CtrlMeas680 = 0x74, Samplings = 0xFC, Once = 0x24;   // oversampling 1 and 1
    private const byte Data280 = 0xF7, Data680 = 0x1F;   // pressure and temperature of 20 bits, humidity of 16
    private const long AskNs = 1_000_000;
    private const int MostAsked = 50;

    private static readonly BindingChannel Temperature = new("temperature", "°C");
    private static readonly BindingChannel Pressure = new("pressure", "hPa");
    private static readonly BindingChannel Humidity = new("humidity", "%");

    /// <summary>BME280.</summary>
    public static DeviceBinding Bme280 { get; } = new("bme280", 23, [Temperature, Pressure, Humidity], OpenBme280)
    {
        Keeps = new SetRegister(CtrlMeas280, Samplings, Once),
    };

    /// <summary>BMP280.</summary>
    public static DeviceBinding Bmp280 { get; } = new("bmp280", 16, [Temperature, Pressure], OpenBmp280)
    {
        Keeps = new SetRegister(CtrlMeas280, Samplings, Once),
    };

    /// <summary>BME680; its gas sensor is heated only where its channel is wanted.</summary>
    public static DeviceBinding Bme680 { get; } = new(
        "bme680", 12, [Temperature, Pressure, Humidity, new("gas_resistance", "Ω", ReadMs: 160)], OpenBme680)
    {
        Keeps = new SetRegister(CtrlMeas680, Samplings, Once),
    };

    private static ChannelRead OpenBme280(BusDevice device, bool[] wanted)
    {
        Bme280 sensor = new(device);
        return values =>
        {
            Bme280ReadResult read = sensor.Read();
            Put(read, values);
            values[2] = read.Humidity?.Percent ?? double.NaN;
            BlankUnmeasured(device, Data280, values);
        };
    }

    private static ChannelRead OpenBmp280(BusDevice device, bool[] wanted)
    {
        Bmp280 sensor = new(device);
        return values =>
        {
            Put(sensor.Read(), values);
            BlankUnmeasured(device, Data280, values);
        };
    }

    private static void Put(Bmp280ReadResult read, Span<double> values)
    {
        values[0] = read.Temperature?.DegreesCelsius ?? double.NaN;
        values[1] = read.Pressure?.Hectopascals ?? double.NaN;
    }

    // The classes compute a plausible value from the code of a quantity that was not measured, and from the temperature that its
    // compensation lacks then.
    private static void BlankUnmeasured(BusDevice device, byte register, Span<double> values)
    {
        Span<byte> codes = stackalloc byte[8];
        device.WriteRead([register], codes[..(values.Length < 3 ? 6 : 8)]);
        bool hasTemperature = !IsUnmeasured(codes[3..6]);
        values[0] = hasTemperature ? values[0] : double.NaN;
        values[1] = hasTemperature && !IsUnmeasured(codes[..3]) ? values[1] : double.NaN;
        if (values.Length > 2)
        {
            values[2] = hasTemperature && !IsUnmeasured(codes[6..8]) ? values[2] : double.NaN;
        }
    }

    // 0x80000 in the upper 20 of 24 bits, 0x8000 in 16.
    private static bool IsUnmeasured(ReadOnlySpan<byte> code) => code[0] == 0x80 && !code[1..].ContainsAnyExcept((byte)0);

    private static ChannelRead OpenBme680(BusDevice device, bool[] wanted)
    {
        bool heats = wanted[3];
        Bme680 sensor = new(device) { HeaterIsEnabled = heats, GasConversionIsEnabled = heats };
        return values =>
        {
            ReadBme680(sensor, heats, values);
            BlankUnmeasured(device, Data680, values[..3]);
        };
    }

    // Not by the class's Read, which waits for less than the sensor may take and then gives parts of two measurements.
    private static void ReadBme680(Bme680 sensor, bool heats, Span<double> values)
    {
        sensor.SetPowerMode(Bme680PowerMode.Forced);
        double waitNs = sensor.GetMeasurementDuration(sensor.HeaterProfile).Nanoseconds;
        Descriptor.Wait(-1, -1, (long)waitNs, out _);
        for (int asked = 0; !sensor.ReadNewDataIsAvailable(); asked++)
        {
            if (asked == MostAsked)
            {
                throw new TimeoutException("no new data after a forced measurement");
            }

            Descriptor.Wait(-1, -1, AskNs, out _);
        }

        values[0] = sensor.TryReadTemperature(out var temperature) ? temperature.DegreesCelsius : double.NaN;
        values[1] = sensor.TryReadPressure(out var pressure) ? pressure.Hectopascals : double.NaN;
        values[2] = sensor.TryReadHumidity(out var humidity) ? humidity.Percent : double.NaN;
        values[3] = heats && sensor.TryReadGasResistance(out var resistance) ? resistance.Ohms : double.NaN;
    }
}
