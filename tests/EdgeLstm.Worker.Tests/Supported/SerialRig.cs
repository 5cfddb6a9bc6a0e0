// One emulated sensor on a serial line: a real pseudo-terminal behind a stable link, fed with a record again and again.

using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Supported;

/// <summary>What a serial sensor sends, and how its bytes can be spoilt.</summary>
/// <param name="Profile">The profile's file.</param>
/// <param name="ExampleFrom">Where the record comes from.</param>
/// <param name="Values">What it says: channel, value, tolerance.</param>
/// <param name="Record">The record as sent, with all that is around it.</param>
/// <param name="Half">The record with bytes lost on the way.</param>
/// <param name="Nonsense">A whole record whose every value is right in form, and some are impossible.</param>
/// <param name="Check">Byte of the record that carries its checksum, from its end; 0 where the format has none.</param>
internal sealed record SerialExample(
    string Profile, string ExampleFrom, IReadOnlyList<(string Channel, double Value, double Tolerance)> Values, byte[] Record,
    byte[] Half, byte[] Nonsense, int Check);

/// <summary>The product's serial source on a pty that a thread writes the example to.</summary>
internal sealed class SerialRig : SensorRig
{
    private const int PeriodMs = 5;
    private const int DrainMs = 20;

    private readonly SerialExample _example;
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-rig-").FullName;
    private readonly ManualResetEventSlim _stopped = new();
    private readonly Lock _lock = new();
    private readonly Thread _writer;
    private readonly byte[] _drained = new byte[4096];
    private Pty? _pty;             // null while unplugged
    private byte[] _sent;          // empty while silent
    private SerialSource? _source;

    public SerialRig(SerialExample example)
    {
        _example = example;
        _sent = example.Record;
        _writer = new Thread(Write) { IsBackground = true };
    }

    public override string Profile => _example.Profile;

    public override string Exercise => "bytes on a pseudo-terminal";

    public override string ExampleFrom => _example.ExampleFrom;

    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example => _example.Values;

    public override IReadOnlyList<Fault> Faults => _example.Check > 0
        ? [Fault.NoAnswer, Fault.WrongChecksum, Fault.HalfRecord, Fault.NonsenseValues, Fault.GoneAndBack]
        : [Fault.NoAnswer, Fault.HalfRecord, Fault.NonsenseValues, Fault.GoneAndBack];

    private string PortPath => Path.Combine(_folder, "sensor");

    public override ByteSource Open(SensorProfile profile)
    {
        PlugIn();
        _source = new SerialSource(PortPath, profile.TransportOrSerial.Baud);
        _writer.Start();
        return _source;
    }

    public override void Break(Fault fault)
    {
        if (fault == Fault.GoneAndBack)
        {
            Unplug();
            return;
        }

        byte[] wrong = [.. _example.Record];
        if (fault == Fault.WrongChecksum)
        {
            wrong[^_example.Check] ^= 1;
        }

        Send(fault switch
        {
            Fault.WrongChecksum => wrong,
            Fault.HalfRecord => _example.Half,
            Fault.NonsenseValues => _example.Nonsense,
            _ => [],
        });
    }

    public override void Mend()
    {
        Send(_example.Record);
        if (_pty is null)
        {
            PlugIn();
        }
    }

    protected override void Dispose(bool disposing)
    {
        _stopped.Set();
        while (_writer.IsAlive)
        {
            Drain();
        }

        _source?.Dispose();
        _pty?.Dispose();
        _stopped.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Send(byte[] record) => BetweenRecords(() => _sent = record);

    // The stable name is moved over the old one, as udev does.
    private void PlugIn() => BetweenRecords(() =>
    {
        _pty = new Pty();
        File.CreateSymbolicLink(PortPath + ".new", _pty.SlavePath);
        File.Move(PortPath + ".new", PortPath, overwrite: true);
    });

    private void Unplug() => BetweenRecords(() =>
    {
        _pty?.Dispose();
        _pty = null;
        File.Delete(PortPath);
    });

    private void BetweenRecords(Action change)
    {
        while (!_lock.TryEnter())
        {
            Drain();
        }

        try
        {
            change();
        }
        finally
        {
            _lock.Exit();
        }
    }

    // A writer that finds the line full waits, with the lock, until it is read.
    private void Drain() => _source?.Read(_drained, DrainMs, out _, out _);

    private void Write()
    {
        while (!_stopped.Wait(PeriodMs))
        {
            lock (_lock)
            {
                _pty?.Write(_sent);
            }
        }
    }
}
