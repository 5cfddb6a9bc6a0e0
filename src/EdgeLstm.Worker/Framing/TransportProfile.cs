// How a sensor node is reached: a serial line, an I²C bus, a kernel driver, Modbus slaves or the topics of a broker.

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Framing;

/// <summary>How the bytes travel.</summary>
public sealed record TransportProfile(
    [property: Description("serial: a UART, USB serial adapter or CDC-ACM device, 8 data bits. i2c: a sensor on an I2C bus. "
        + "iio, hwmon: a sensor that a kernel driver serves. system: the Pi itself. modbus: Modbus RTU slaves on a serial line. "
        + "mqtt: messages of the broker.")]
    [property: AllowedValues("serial", "i2c", "iio", "hwmon", "system", "modbus", "mqtt")]
    string Kind = "serial",
    [property: Description("serial, modbus: bits per second; any rate that the adapter can make.")]
    [property: Range(50, 10_000_000)]
    int Baud = 115200,
    [property: Description("serial, modbus: parity bit.")]
    [property: AllowedValues("none", "even", "odd")]
    string Parity = "none",
    [property: Description("serial, modbus: stop bits.")]
    [property: Range(1, 2)]
    int StopBits = 1,
    [property: Description("serial, modbus: let the kernel turn an RS-485 transceiver's direction with RTS (TIOCSRS485), where "
        + "its driver can.")]
    bool Rs485 = false,
    [property: Description("i2c: addresses and transfers.")]
    I2cProfile? I2c = null,
    [property: Description("modbus: slaves and registers.")]
    ModbusProfile? Modbus = null,
    [property: Description("iio, hwmon: which driver's device.")]
    KernelDeviceProfile? Device = null)
{
    /// <summary>The transport of a profile that names none.</summary>
    internal static TransportProfile Serial { get; } = new();

    /// <summary>True where each read is one whole record, and none begins in the middle.</summary>
    [JsonIgnore]
    public bool IsMessage => Kind != "serial";

    /// <summary>How the port of a serial line is set.</summary>
    /// <param name="baud">The rate, where it differs from the profile's.</param>
    internal SerialSettings SerialSettingsAt(int? baud)
    {
        Parity parity = Parity switch { "even" => Linux.Parity.Even, "odd" => Linux.Parity.Odd, _ => Linux.Parity.None };
        return new SerialSettings(baud ?? Baud, parity, StopBits, Rs485);
    }
}

/// <summary>A sensor on an I²C bus: the bytes of one measurement's reads, in order and without checksums, are the
/// record.</summary>
public sealed record I2cProfile(
    [property: Description("7-bit address.")]
    HexNumber Address,
    [property: Description("Transfers of one measurement; at least one reads. Left out where the sensor is read through its "
        + "binding only.")]
    IReadOnlyList<I2cStep>? Measure = null,
    [property: Description("Other addresses that the sensor can be set to.")]
    IReadOnlyList<HexNumber>? OtherAddresses = null,
    [property: Description("Transfers before the first measurement, and again after a transfer failed.")]
    IReadOnlyList<I2cStep>? Setup = null,
    [property: Description("A transfer that tells this sensor from others and changes nothing in it, such as reading WHO_AM_I; "
        + "used by `edgelstm scan`.")]
    I2cStep? Identify = null,
    [property: Description("The checksum byte of steps with checkEvery.")]
    ChecksumProfile? Checksum = null,
    [property: Description("Computing that no table can describe; the reads of the setup are then the calibration, and the "
        + "record holds float64 temperature (°C), pressure (hPa) and humidity (%), as far as the sensor has them.")]
    [property: AllowedValues("bme280", "bmp280", "bme680")]
    string? Compensation = null,
    [property: Description("Name of the kernel's driver for this sensor, for the advice where it owns the address.")]
    string? KernelDriver = null,
    [property: Description("The sensor's name for a source with driver device-bindings; the profile's name unless told. Channels "
        + "then ask for the binding's quantities, and scale and offset are not for them.")]
    string? Binding = null)
{
    /// <summary>The transfers of one measurement; none where the sensor is read through its binding only.</summary>
    [JsonIgnore]
    public IReadOnlyList<I2cStep> Steps => Measure ?? [];

    /// <summary>True where nothing but a binding knows how the sensor is measured.</summary>
    [JsonIgnore]
    public bool NeedsBinding => Measure is null && Binding is not null;
}

/// <summary>One I²C transfer: write, or read, or write and then read without a stop between; then a wait.</summary>
public sealed record I2cStep(
    [property: Description("Bytes to write: a register, a register and its value, a command.")]
    IReadOnlyList<HexNumber>? Write = null,
    [property: Description("Bytes to read.")]
    [property: Range(0, 1024)]
    int Read = 0,
    [property: Description("Milliseconds until the next step; other sensors of the bus are read meanwhile.")]
    [property: Range(0, 60_000)]
    double WaitMs = 0,
    [property: Description("A checksum byte follows each this many bytes read; checked, then left out of the record.")]
    [property: Range(1, 1024)]
    int? CheckEvery = null,
    [property: Description("What must have been read; such a read is no part of the record.")]
    ExpectProfile? Expect = null)
{
    /// <summary>Bytes that the read gives beside its checksums.</summary>
    /// <param name="checksumBytes">Width of a checksum.</param>
    internal int DataBytes(int checksumBytes) =>
        CheckEvery is { } every and > 0 ? Read / (every + checksumBytes) * every : Read;
}

/// <summary>What a read must give: (bytes and mask) = value, the bytes taken as one big-endian number of up to 4 bytes.</summary>
public sealed record ExpectProfile(
    [property: Description("The expected value, under the mask.")]
    HexNumber Value,
    [property: Description("The bits that count; all unless told.")]
    HexNumber? Mask = null,
    [property: Description("Milliseconds for which the step is repeated until it is so: waiting for a ready bit. 0: at once.")]
    [property: Range(0, 60_000)]
    double WithinMs = 0,
    [property: Description("Milliseconds between two tries.")]
    [property: Range(0.1, 60_000)]
    double EveryMs = 1);

/// <summary>Registers of Modbus RTU slaves: those of all blocks, in order, are the record (2 bytes each, big endian).</summary>
public sealed record ModbusProfile(
    [property: Description("Register blocks to read.")]
    IReadOnlyList<ModbusBlock> Blocks,
    [property: Description("The slave's address; a stream's source.address goes before it.")]
    [property: Range(1, 247)]
    int Slave = 1,
    [property: Description("Milliseconds to wait for an answer.")]
    [property: Range(1, 10_000)]
    int TimeoutMs = 300,
    [property: Description("Times a request is sent again without a valid answer.")]
    [property: Range(0, 10)]
    int Retries = 2);

/// <summary>Adjacent registers of one slave.</summary>
public sealed record ModbusBlock(
    [property: Description("First register, as the request carries it: 0 for the one called 40001 or 30001.")]
    [property: Range(0, 65535)]
    int Start,
    [property: Description("Registers.")]
    [property: Range(1, 125)]
    int Count,
    [property: Description("3 reads holding registers, 4 input registers.")]
    [property: Range(3, 4)]
    int Function = 3,
    [property: Description("The slave's address, where it differs from the profile's.")]
    [property: Range(1, 247)]
    int? Slave = null);

/// <summary>A device of a kernel driver. Channels ask by the kernel's names, such as temp, accel_x, in1, fan1.</summary>
public sealed record KernelDeviceProfile(
    [property: Description("What the driver calls the device (its file `name`), or its `label`.")]
    string Name,
    [property: Description("iio: auto captures through the device's buffer where it has one, always insists, never polls sysfs.")]
    [property: AllowedValues("auto", "always", "never")]
    string Buffer = "auto",
    [property: Description("iio: samples that the buffer collects before it wakes the reader.")]
    [property: Range(1, 65536)]
    int Watermark = 1);
