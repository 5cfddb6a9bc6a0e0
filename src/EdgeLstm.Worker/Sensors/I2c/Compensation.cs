// Sensors whose raw readings become quantities through a calibration stored in them, by formulas that no table can describe.

namespace EdgeLstm.Worker.Sensors;

/// <summary>One kind of such a sensor, with the calibration of one.</summary>
/// <remarks>
/// What a profile with <c>compensation</c> has to read, in this order; reads with <c>expect</c> are left out and may stand
/// anywhere:
/// <code>
///            setup: calibration                             measure: one read
/// bme280     26 bytes from 0x88, 7 bytes from 0xE1          8 bytes from 0xF7
/// bmp280     24 bytes from 0x88                             6 bytes from 0xF7
/// bme680     25 bytes from 0x89, 16 bytes from 0xE1         8 bytes from 0x1F
/// </code>
/// The profile also sets oversampling and mode. In forced mode a measurement starts by a write to ctrl_meas; a step that reads
/// the status with <c>expect</c> then waits for its end (bme280, bmp280: 0xF3, mask 0x08, value 0; bme680: 0x1D, mask 0x20, value
/// 0). A quantity that was not measured is NaN: its register holds 0x80000 (0x8000 for humidity), and without a temperature there
/// is no pressure and no humidity.
/// </remarks>
internal abstract class Compensation
{
    /// <summary>Quantities of a sensor at most.</summary>
    public const int MostQuantities = 3;

    /// <summary>What a temperature or pressure register of 20 bits holds that was not measured.</summary>
    protected const int Skipped = 0x80000;

    /// <summary>What a humidity register of 16 bits holds that was not measured.</summary>
    protected const int SkippedHumidity = 0x8000;

    /// <summary>Names of the quantities, as a channel's field asks for them: temperature (°C), pressure (hPa), humidity
    /// (%).</summary>
    public abstract string[] Quantities { get; }

    /// <summary>Bytes of the setup's reads, in order.</summary>
    public abstract int[] CalibrationReads { get; }

    /// <summary>Bytes of the measurement's read.</summary>
    public abstract int RawBytes { get; }

    /// <summary>The compensation of a profile; null where it names none that there is.</summary>
    public static Compensation? Create(string? name) => name switch
    {
        "bme280" => new Bme280(),
        "bmp280" => new Bmp280(),
        "bme680" => new Bme680(),
        _ => null,
    };

    /// <summary>Takes the calibration; false when it is blank, as an unpowered or foreign sensor gives it.</summary>
    /// <param name="calibration">The bytes of <see cref="CalibrationReads"/>, one after another.</param>
    public abstract bool TryCalibrate(ReadOnlySpan<byte> calibration);

    /// <summary>Computes the quantities of one measurement.</summary>
    /// <param name="raw">The measurement's read [<see cref="RawBytes"/>].</param>
    /// <param name="quantities">Receives them, in the order of <see cref="Quantities"/>; NaN where one was not measured.</param>
    public abstract void Compute(ReadOnlySpan<byte> raw, Span<double> quantities);

    /// <summary>A 20-bit reading: 8 bits, 8 bits, 4 bits at the top of the third byte.</summary>
    protected static int Read20(ReadOnlySpan<byte> at) => (at[0] << 12) | (at[1] << 4) | (at[2] >> 4);

    /// <summary>A 16-bit reading, high byte first.</summary>
    protected static int Read16(ReadOnlySpan<byte> at) => (at[0] << 8) | at[1];
}
