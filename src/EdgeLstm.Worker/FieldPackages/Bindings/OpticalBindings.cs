// Sensors of light and distance, read through Iot.Device.Bindings.

using System.Buffers.Binary;
using Iot.Device.Bh1750fvi;
using Iot.Device.Tsl256x;
using Iot.Device.Vl53L0X;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>BH1750, TSL2560 and TSL2561, VL53L0X.</summary>
internal static class OpticalBindings
{
    private const double HighResolutionMs = 181;
    private const double IntegrationMs = 410;
    private const byte TslControl = 0x80, TslPowerOn = 0x03;   // register 0 with the command bit
    private const byte TslData1 = 0xAE;                        // a word, with the command bit
    private const double GainOfFormula = 16;
    private const double MillimetresPerMetre = 1000;

    private static readonly BindingChannel Illuminance = new("illuminance", "lx");

    /// <summary>BH1750: a reading of the class starts a measurement and gives the one before.</summary>
    public static DeviceBinding Bh1750 { get; } = new("bh1750", HighResolutionMs, [Illuminance], OpenBh1750)
    {
        OtherNames = ["bh1750fvi"],
        StartedMs = HighResolutionMs,
    };

    /// <summary>TSL2560, TSL2561 in the packages T, FN and CL: gain 1, integrating for 402 ms again and again.</summary>
    public static DeviceBinding Tsl2561 { get; } = new("tsl2561", IntegrationMs, [Illuminance], OpenTsl2561)
    {
        OtherNames = ["tsl256x", "tsl2560"],
        FirstWaitMs = IntegrationMs,
        Keeps = new SetRegister(TslControl, TslPowerOn, TslPowerOn),
    };

    /// <summary>VL53L0X at its long range.</summary>
    public static DeviceBinding Vl53l0x { get; } = new("vl53l0x", 70, [new("distance", "m")], OpenVl53l0x);

    private static ChannelRead OpenBh1750(BusDevice device, bool[] wanted)
    {
        Bh1750fvi sensor = new(device);
        return values => values[0] = sensor.Illuminance.Lux;
    }

    private static ChannelRead OpenTsl2561(BusDevice device, bool[] wanted)
    {
        Tsl256x sensor = new(device, PackageType.Other) { Enabled = true };
        return values =>
        {
            // The class reads one byte of the infrared word, divides whole numbers and takes the gain the wrong way round: its
            // counts of all light are used, the rest is done here.
            sensor.GetRawChannels(out ushort all, out _);
            Span<byte> infrared = stackalloc byte[2];
            device.WriteRead([TslData1], infrared);
            values[0] = LuxOf(all, BinaryPrimitives.ReadUInt16LittleEndian(infrared));
        };
    }

    private static ChannelRead OpenVl53l0x(BusDevice device, bool[] wanted)
    {
        Vl53L0X sensor = new(device, shouldDispose: false);
        return values =>
        {
            ushort millimetres = sensor.DistanceSingleMeasurement;
            values[0] = millimetres < (int)OperationRange.OutOfRange ? millimetres / MillimetresPerMetre : double.NaN;
        };
    }

    /// <summary>Illuminance of the TSL2561's counts in 402 ms at gain 1; NaN where they are at their end.</summary>
    /// <remarks>Source: TAOS, "TSL2560, TSL2561" data sheet, TAOS059, calculating lux, for counts at gain 16.</remarks>
    /// <param name="all">Counts of visible light and infrared.</param>
    /// <param name="infrared">Counts of infrared.</param>
    internal static double LuxOf(ushort all, ushort infrared)
    {
        if (all == ushort.MaxValue || infrared == ushort.MaxValue)
        {
            return double.NaN;
        }

        double ratio = all == 0 ? 0 : (double)infrared / all;
        (double channel0, double channel1) = (all * GainOfFormula, infrared * GainOfFormula);
        return ratio switch
        {
            <= 0.50 => (0.0304 * channel0) - (0.062 * channel0 * Math.Pow(ratio, 1.4)),
            <= 0.61 => (0.0224 * channel0) - (0.031 * channel1),
            <= 0.80 => (0.0128 * channel0) - (0.0153 * channel1),
            <= 1.30 => (0.00146 * channel0) - (0.00112 * channel1),
            _ => 0,
        };
    }
}
