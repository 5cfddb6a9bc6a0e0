// The buffer of an IIO device: files that set it up, and a FIFO as /dev/iio:deviceN that gives scans while it is enabled.

using System.Diagnostics;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Tests.Emulation.Kernel;

/// <summary>One element of a scan as the driver declares it.</summary>
/// <param name="Name">in_accel_x</param>
/// <param name="Type">be:s16/16>>0</param>
internal sealed record FakeElement(string Name, string Type);

/// <summary>Gives a scan at every tick of a timer while buffer/enable is 1.</summary>
internal sealed class FakeCapture : IDisposable
{
    private const int PeriodMs = 5;

    private readonly FakeSysfs _tree;
    private readonly string _folder;
    private readonly Lock _gate = new();
    private int _fifo;
    private Timer? _timer;
    private Func<byte[]>? _nextScan;

    /// <param name="tree">The tree.</param>
    /// <param name="number">The device's number.</param>
    /// <param name="folder">The device's folder, relative to the root.</param>
    /// <param name="elements">The elements in the order of their index.</param>
    public FakeCapture(FakeSysfs tree, int number, string folder, params FakeElement[] elements)
    {
        _tree = tree;
        _folder = folder;
        DevicePath = tree.At($"dev/iio:device{number}");
        for (int i = 0; i < elements.Length; i++)
        {
            tree.Write($"{folder}/scan_elements/{elements[i].Name}_en", "0");
            tree.Write($"{folder}/scan_elements/{elements[i].Name}_index", $"{i}");
            tree.Write($"{folder}/scan_elements/{elements[i].Name}_type", elements[i].Type);
        }

        tree.Write($"{folder}/buffer/enable", "0");
        tree.Write($"{folder}/buffer/length", "2");
        tree.Write($"{folder}/buffer/watermark", "1");
        tree.Write($"{folder}/current_timestamp_clock", "realtime");
        tree.Write($"{folder}/sampling_frequency", "50");
        Directory.CreateDirectory(Path.GetDirectoryName(DevicePath)!);
        using (Process make = Process.Start("mkfifo", DevicePath))
        {
            make.WaitForExit();
            Assert.Equal(0, make.ExitCode);
        }

        // Open for reading too: otherwise the FIFO looks hung up between two readers.
        _fifo = LinuxException.Check(LibC.Open(DevicePath, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC), DevicePath);
    }

    public string DevicePath { get; }

    public bool IsEnabled => _tree.Read($"{_folder}/buffer/enable") == "1";

    /// <summary>Which elements are enabled, in the order of their names.</summary>
    public string Enabled => string.Join(' ', Directory.GetFiles(_tree.At($"{_folder}/scan_elements"), "*_en")
        .Where(file => File.ReadAllText(file).Trim() == "1").Select(file => Path.GetFileName(file)[..^3]).Order());

    /// <summary>Gives bytes at once; what a full FIFO does not take is lost, as a full buffer loses scans.</summary>
    public void Give(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_fifo >= 0)
            {
                Descriptor.Write(_fifo, bytes);
            }
        }
    }

    /// <summary>Gives what <paramref name="nextScan"/> makes at every tick while the buffer is enabled; null to be
    /// silent.</summary>
    public void Run(Func<byte[]>? nextScan, int periodMs = PeriodMs)
    {
        lock (_gate)
        {
            _nextScan = nextScan;
            _timer ??= new Timer(_ => Tick());
            _timer.Change(0, periodMs);
        }
    }

    /// <summary>The device goes: its readers see a hang-up.</summary>
    public void HangUp()
    {
        lock (_gate)
        {
            if (_fifo >= 0)
            {
                LibC.Close(_fifo);
                _fifo = -1;
                File.Delete(DevicePath);
            }
        }
    }

    public void Dispose()
    {
        using (ManualResetEvent ended = new(false))
        {
            if (_timer?.Dispose(ended) == true)
            {
                ended.WaitOne();
            }
        }

        HangUp();
    }

    private void Tick()
    {
        Func<byte[]>? next;
        lock (_gate)
        {
            next = _fifo >= 0 ? _nextScan : null;
        }

        try
        {
            if (next is not null && IsEnabled)
            {
                Give(next());
            }
        }
        catch (IOException)
        {
            // the tree is being taken down
        }
    }
}
