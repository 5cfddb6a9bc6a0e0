// Where elements stand in a scan: only enabled ones, in the order of their index, each at a multiple of its size.

using System.Buffers.Binary;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Kernel;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

public sealed class IioScanTests : IDisposable
{
    private readonly FakeSysfs _tree = new();
    private readonly string _folder;

    public IioScanTests() => _folder = _tree.AddIio(0, "chip", "1-0010", ("in_voltage0_raw", "0"), ("in_voltage1_raw", "0"),
        ("in_temp_raw", "0"), ("in_temp_offset", "-100"), ("in_temp_scale", "500"), ("in_voltage_scale", "2"));

    public void Dispose() => _tree.Dispose();

    private void Element(string stem, int index, string type, bool enabled = true)
    {
        _tree.Write($"{_folder}/scan_elements/{stem}_en", enabled ? "1" : "0");
        _tree.Write($"{_folder}/scan_elements/{stem}_index", $"{index}");
        _tree.Write($"{_folder}/scan_elements/{stem}_type", type);
    }

    private IioScan? Read(string[] fields, out string problem) => IioScan.TryRead(_tree.At($"{_folder}/scan_elements"),
        [.. fields.Select(field => IioChannel.Find(_tree.At(_folder), field, out _)!)], out problem);

    [Fact]
    public void Elements_are_aligned_to_their_own_size_and_the_scan_to_the_largest()
    {
        // The index says the order, not the name; in_voltage2 is off and takes no place.
        Element("in_temp", 0, "le:s8/8>>0");
        Element("in_voltage1", 2, "be:u24/32>>8");
        Element("in_voltage0", 4, "le:s12/16>>4");
        Element("in_voltage2", 3, "le:s64/64>>0", enabled: false);
        Element("in_timestamp", 5, "le:s64/64>>0");
        IioScan scan = Read(["voltage0", "temp", "voltage1", "temp"], out string problem)!;
        Assert.Equal("", problem);
        Assert.Equal(24, scan.Bytes);   // 1, 3 free, 4, 2, 6 free, 8

        byte[] bytes = new byte[24];
        bytes[0] = 110;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), 0x00010000);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(8), -3 << 4);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), 1234567890123456789);
        double[] values = new double[4];
        scan.ReadValues(bytes, values);
        // mV → V: −3 · 2 mV, 256 · 2 mV; m°C → °C: (110 − 100) · 500 m°C
        Assert.Equal([-0.006, 5, 0.512, 5], values, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(1234567890123456789, scan.ReadTimestamp(bytes));
    }

    [Fact]
    public void A_scan_without_a_time_is_padded_to_its_largest_element()
    {
        Element("in_voltage0", 0, "le:u32/32>>0");
        Element("in_temp", 1, "le:s16/16>>0");
        IioScan scan = Read(["temp"], out _)!;
        Assert.Equal((8, false), (scan.Bytes, scan.HasTimestamp));
    }

    [Fact]
    public void Repeated_numbers_take_their_place_together()
    {
        Element("in_voltage0", 0, "le:u8/8>>0");
        Element("in_voltage1", 1, "le:s16/16X4>>0");
        IioScan scan = Read(["voltage1"], out _)!;
        Assert.Equal(16, scan.Bytes);
        byte[] bytes = new byte[16];
        bytes[8] = 5;
        double[] values = new double[1];
        scan.ReadValues(bytes, values);
        Assert.Equal(0.01, values[0], 1e-12);
    }

    [Fact]
    public void A_channel_that_is_not_captured_and_a_broken_type_are_named()
    {
        Element("in_voltage0", 0, "le:u32/32>>0", enabled: false);
        Assert.Null(Read(["voltage0"], out string problem));
        Assert.Contains("in_voltage0_en is not 1", problem, StringComparison.Ordinal);
        Element("in_voltage0", 0, "le:u33/32>>0");
        Assert.Null(Read(["voltage0"], out problem));
        Assert.Contains("'le:u33/32>>0'; expected", problem, StringComparison.Ordinal);
    }
}
