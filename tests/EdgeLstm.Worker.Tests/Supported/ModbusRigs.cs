// Emulated devices: Modbus RTU slaves.

using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Modbus;

namespace EdgeLstm.Worker.Tests.Supported;

internal static class ModbusRigs
{
    public static IReadOnlyList<Func<SensorRig>> All { get; } =
        [() => new Sdm120Rig(), () => new XyMd02Rig(), () => new Pzem004TRig(), () => new Wtvb01Rig()];
}

/// <summary>A slave on a pseudo-terminal and the product's thread that asks it.</summary>
internal abstract class ModbusRig(EmulatedSlave slave) : SensorRig
{
    private const double TestRateHz = 50;
    private const int TestTimeoutMs = 100;   // a slow answer takes twice as long

    private readonly EmulatedLine _line = new(slave);
    private PollingThread? _thread;
    private ByteSource? _source;
    private Fault? _broken;

    public override string Exercise => "slave on a pseudo-terminal";

    public override IReadOnlyList<Fault> Faults { get; } =
    [
        Fault.NoAnswer, Fault.WrongChecksum, Fault.SlowAnswer, Fault.HalfRecord, Fault.NonsenseValues, Fault.StuckBus,
        Fault.GoneAndBack,
    ];

    public override ByteSource Open(SensorProfile profile)
    {
        TransportProfile transport = profile.TransportOrSerial;
        ModbusLine line = new(_line.Port, transport.SerialSettingsAt(null));
        ModbusSlaveTask task = new(line, transport.Modbus! with { TimeoutMs = TestTimeoutMs }, null, TestRateHz);
        _thread = new PollingThread(_line.Port, line, line.Interrupt);
        _thread.Add(task);
        _thread.Start();
        _source = task.Source;
        return task.Source;
    }

    public override void Break(Fault fault)
    {
        switch (fault)
        {
            case Fault.StuckBus:
                _line.Babbles = true;
                break;
            case Fault.GoneAndBack:
                _line.Unplug();
                break;
            default:
                slave.Break(fault switch
                {
                    Fault.NoAnswer => SlaveFault.NoAnswer,
                    Fault.WrongChecksum => SlaveFault.WrongChecksum,
                    Fault.SlowAnswer => SlaveFault.SlowAnswer,
                    Fault.HalfRecord => SlaveFault.HalfAnswer,
                    _ => SlaveFault.Nonsense,
                });
                break;
        }

        _broken = fault;
    }

    public override void Mend()
    {
        slave.Mend();
        _line.Babbles = false;
        if (_broken == Fault.GoneAndBack)
        {
            _line.Plug();
        }

        _broken = null;
    }

    protected override void Dispose(bool disposing)
    {
        _thread?.Dispose();
        _source?.Dispose();
        _line.Dispose();
    }
}

/// <summary>Voltage is the example of Eastron's manuals: 43 66 33 34 is 230.2 V.</summary>
internal sealed class Sdm120Rig() : ModbusRig(Slave())
{
    public override string Profile => "modbus/sdm120.json";

    public override string ExampleFrom => "voltage: Eastron SDM320Y user manual, 43 66 33 34 is 230.2; the others: IEEE 754";

    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example { get; } =
    [
        ("voltage", 230.2, 1e-4), ("current", 1.5, 0), ("power", 327.25, 0), ("apparent_power", 345.25, 0),
        ("reactive_power", -110.5, 0), ("power_factor", 0.9375, 0), ("frequency", 50, 0), ("imported_energy", 1234.5, 0),
        ("exported_energy", 0, 0),
    ];

    // What lies between the quantities reads as 0.
    private static EmulatedSlave Slave() => new EmulatedSlave(1)
        .Set(4, 0, new ushort[86])
        .Set(4, 0, 0x4366, 0x3334)
        .SetFloat(4, 6, 1.5f).SetFloat(4, 12, 327.25f).SetFloat(4, 18, 345.25f).SetFloat(4, 24, -110.5f).SetFloat(4, 30, 0.9375f)
        .SetFloat(4, 70, 50).SetFloat(4, 72, 1234.5f);
}

/// <summary>01 04 04 01 31 02 22 2A CE: 30.5 °C and 54.6 %.</summary>
internal sealed class XyMd02Rig() : ModbusRig(new EmulatedSlave(1).Set(4, 1, 0x0131, 0x0222))
{
    public override string Profile => "modbus/xy-md02.json";

    public override string ExampleFrom => "XY-MD02 manual, Modbus commands: 0x131 is 30.5 °C, 0x222 is 54.6 %";

    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example { get; } =
        [("temperature", 30.5, 1e-5), ("humidity", 54.6, 1e-5)];
}

/// <summary>01 04 14 08 98 03 E8 00 00 08 98 00 00 00 00 00 00 01 F4 00 64 00 00.</summary>
internal sealed class Pzem004TRig() : ModbusRig(
    new EmulatedSlave(1).Set(4, 0, 0x0898, 0x03E8, 0, 0x0898, 0, 0, 0, 0x01F4, 0x0064, 0))
{
    public override string Profile => "modbus/pzem-004t.json";

    public override string ExampleFrom => "PZEM-004T V3.0 user manual, 2.3, example of a reply";

    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example { get; } =
    [
        ("voltage", 220, 1e-4), ("current", 1, 1e-6), ("power", 220, 1e-4), ("energy", 0, 0), ("frequency", 50, 1e-5),
        ("power_factor", 1, 1e-6),
    ];
}

/// <summary>The manual gives scales, no figures.</summary>
internal sealed class Wtvb01Rig() : ModbusRig(
    new EmulatedSlave(0x50).Set(3, 58, 3, 12, 1, 0, 0, 0, 2875, 40, 161, 9, 495, 500, 1234))
{
    public override string Profile => "modbus/wtvb01-485.json";

    public override string ExampleFrom => "scales of the WTVB01-485 manual v25-05-06, 6";

    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example { get; } =
    [
        ("velocity_x", 3, 0), ("velocity_y", 12, 0), ("velocity_z", 1, 0), ("temperature", 28.75, 1e-5),
        ("displacement_x", 40, 0), ("displacement_y", 161, 0), ("displacement_z", 9, 0), ("frequency_x", 49.5, 1e-5),
        ("frequency_y", 50, 1e-5), ("frequency_z", 123.4, 1e-4),
    ];
}
