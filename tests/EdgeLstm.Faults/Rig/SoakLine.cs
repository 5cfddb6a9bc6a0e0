// A serial line of a sensor that counts on, and that is unplugged now and then: a pseudo-terminal behind a name that stays.

using System.Globalization;
using System.Text;

namespace EdgeLstm.Faults.Rig;

/// <summary>Knows which numbers were handed over while it was plugged in. Fed by one thread, unplugged by another.</summary>
internal sealed class SoakLine : IDisposable
{
    private const int TickMs = 5;
    private const int AbsentMs = 300;
    private const int ArrivalLimitSeconds = 120;

    private readonly object _gate = new();
    private readonly int _first;
    private SerialPair _port = new();
    private int _arrived;
    private volatile int _next;

    /// <param name="name">Name of its stream.</param>
    /// <param name="folder">Where its port has a name.</param>
    /// <param name="first">Its first number; no other line of the device comes as far.</param>
    public SoakLine(string name, string folder, int first)
    {
        Name = name;
        Path = System.IO.Path.Combine(folder, $"tty-{name}");
        _first = first;
        _arrived = first;
        _next = first;
        File.CreateSymbolicLink(Path, _port.Path);
    }

    /// <summary>Name of its stream.</summary>
    public string Name { get; }

    /// <summary>The name of the port that stays when the port does not, as under /dev/serial/by-id/.</summary>
    public string Path { get; }

    /// <summary>Samples handed over.</summary>
    public int Written => _next - _first;

    /// <summary>Times that it was unplugged.</summary>
    public int Unplugs { get; private set; }

    /// <summary>Ends a line that an earlier run or plug began: a serial line is read from its first line end on.</summary>
    public void EndLine() => _port.Write("\n");

    /// <summary>Sends so many samples at a pace; what is not sent in time is not made up for in a flood.</summary>
    public void Feed(int count, double perSecond)
    {
        int end = _next + count;
        double owed = 0;
        long before = Environment.TickCount64;
        while (_next < end)
        {
            Pause.For(TickMs);
            long now = Environment.TickCount64;
            owed = Math.Min(owed + (perSecond * (now - before) / 1000), perSecond / 4);
            before = now;
            int lines = Math.Min((int)owed, end - _next);
            owed -= lines;
            Write(lines);
        }
    }

    /// <summary>Pulls the plug in the middle of a line, after all whole ones have arrived, and puts it in again. Returns once the
    /// program says that it has the line back.</summary>
    /// <param name="subscriber">Hears the device.</param>
    public void Unplug(RecordSubscriber subscriber)
    {
        lock (_gate)
        {
            Assert.True(subscriber.Wait(HasArrived, ArrivalLimitSeconds), $"{Name}: {CountMissing(subscriber)} did not arrive");
            string half = Text(_next);
            _port.Write(half[..((half.Length + 1) / 2)]);
            _port.Dispose();
            File.Delete(Path);
            Pause.For(AbsentMs);
            _port = new SerialPair();
            File.CreateSymbolicLink(Path, _port.Path);
            Unplugs++;
            Assert.True(
                subscriber.Wait(s => HealthOf(s, "reopened") == Unplugs, ArrivalLimitSeconds), $"{Name} did not come back");
            EndLine();
        }
    }

    /// <summary>Whether all samples so far have arrived.</summary>
    public bool HasArrived(RecordSubscriber subscriber)
    {
        while (_arrived < _next && subscriber.Has(_arrived))
        {
            _arrived++;
        }

        return _arrived == _next;
    }

    /// <summary>Whether the subscriber has all samples that the broker has acknowledged.</summary>
    public bool HasAcknowledged(RecordSubscriber subscriber, LinkLedger ledger) =>
        HasArrived(subscriber)
        || Enumerable.Range(_arrived, _next - _arrived).All(number => subscriber.Has(number) || !ledger.IsAcknowledged(number));

    /// <summary>Samples that were handed over and have not arrived.</summary>
    public int CountMissing(RecordSubscriber subscriber) =>
        Enumerable.Range(_first, Written).Count(number => !subscriber.Has(number));

    /// <summary>A counter of the stream from the newest health; −1 where there is none.</summary>
    public long HealthOf(RecordSubscriber subscriber, string counter) =>
        subscriber.Health is { } health ? health.GetProperty("streams").GetProperty(Name).GetProperty(counter).GetInt64() : -1;

    /// <inheritdoc/>
    public void Dispose() => _port.Dispose();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Write(int count)
    {
        StringBuilder lines = new();
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
            {
                lines.Append(Text(_next + i)).Append('\n');
            }

            _port.Write(lines.ToString());
            _next += count;
        }
    }
}
