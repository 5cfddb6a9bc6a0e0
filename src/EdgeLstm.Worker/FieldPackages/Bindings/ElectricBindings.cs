// Converters of voltage and current, read through Iot.Device.Bindings.

using Iot.Device.Adc;
using Iot.Device.Ads1115;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>Set up as in the profiles of the same names, but that the INA219 gives single readings, no means.</summary>
internal static class ElectricBindings
{
    private const ushort Calibration = 4096;     // 0.04096 / (100 µA · 0.1 Ω)
    private const float CurrentStep = 1e-4f;     // A
    private const double ShuntStep = 0.01;       // mV
    private const double VoltageSpan = 32.768;   // V: 13 bits of 4 mV
    private const double ConversionMs = 9;       // at 128 a second, its oscillator 10 % slow

    /// <summary>ADS1115: AIN0 to AIN3 against ground, ±4.096 V; only the inputs that are wanted are converted.</summary>
    public static DeviceBinding Ads1115 { get; } = new("ads1115", 0,
        [
            new("ain0", "V", ConversionMs), new("ain1", "V", ConversionMs), new("ain2", "V", ConversionMs),
            new("ain3", "V", ConversionMs),
        ],
        OpenAds1115);

    /// <summary>INA219 with a shunt of 0.1 Ω: 26 V, ±3.2 A.</summary>
    public static DeviceBinding Ina219 { get; } = new("ina219", 4,
        [new("voltage", "V"), new("shunt", "mV"), new("current", "A"), new("power", "W")], OpenIna219)
    {
        FirstWaitMs = 2,
    };

    private static ChannelRead OpenAds1115(BusDevice device, bool[] wanted)
    {
        Ads1115 sensor = new(
            device, InputMultiplexer.AIN0, MeasuringRange.FS4096, DataRate.SPS128, DeviceMode.PowerDown);
        return values =>
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = wanted[i] ? sensor.ReadVoltage(InputMultiplexer.AIN0 + i).Volts : double.NaN;
            }
        };
    }

    private static ChannelRead OpenIna219(BusDevice device, bool[] wanted)
    {
        Ina219 sensor = new(device);
        sensor.Reset();
        sensor.SetCalibration(Calibration, CurrentStep);
        return values =>
        {
            // The class takes the signed registers for unsigned ones, and the unsigned one of the voltage for a signed one.
            double voltage = sensor.ReadBusVoltage().Volts;
            values[0] = voltage < 0 ? voltage + VoltageSpan : voltage;
            values[1] = Signed(sensor.ReadShuntVoltage().Millivolts / ShuntStep) * ShuntStep;
            values[2] = Signed(sensor.ReadCurrent().Amperes / CurrentStep) * (double)CurrentStep;
            values[3] = (double)sensor.ReadPower().Watts;
        };
    }

    private static double Signed(double code) => (short)(ushort)Math.Round(code);
}
