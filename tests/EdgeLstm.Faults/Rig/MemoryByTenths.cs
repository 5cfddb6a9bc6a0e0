// Resident memory of the program while a test runs, by tenths of the test.

using System.Globalization;

namespace EdgeLstm.Faults.Rig;

/// <summary>Looks ten times a second, on a thread of its own, until it is disposed.</summary>
internal sealed class MemoryByTenths : IDisposable
{
    private const int PeriodMs = 100;
    private const double BytesPerMb = 1024 * 1024;

    private readonly List<long>[] _bytes = [.. Enumerable.Range(0, 10).Select(_ => new List<long>())];
    private readonly WorkerProcess _program;
    private readonly Func<double> _done;
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Thread _thread;

    /// <param name="program">The program.</param>
    /// <param name="done">How much of the test is done, from 0 to 1.</param>
    public MemoryByTenths(WorkerProcess program, Func<double> done)
    {
        _program = program;
        _done = done;
        _thread = new Thread(Run) { IsBackground = true, Name = "memory" };
        _thread.Start();
    }

    /// <summary>Bytes that the last tenth took more than the third: medians, as the broker's absence costs each tenth the same
    /// for a moment. By the third every kind of fault has come twice, and the state was saved: what is touched only then is
    /// resident.</summary>
    public double GrownBytes => Median(9) - Median(2);

    public void Dispose()
    {
        _stopping.Set();
        _thread.Join();
        _stopping.Dispose();
    }

    /// <summary>Median of each tenth in MB, such as "21.4 21.9 …".</summary>
    public override string ToString() => string.Join(' ', Enumerable.Range(0, 10)
        .Select(tenth => (Median(tenth) / BytesPerMb).ToString("0.0", CultureInfo.InvariantCulture)));

    private double Median(int tenth)
    {
        lock (_bytes)
        {
            long[] sorted = [.. _bytes[tenth].Order()];
            return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
        }
    }

    private void Run()
    {
        while (!_stopping.Wait(PeriodMs) && !_program.HasExited)
        {
            long bytes = _program.ResidentBytes;
            lock (_bytes)
            {
                _bytes[Math.Clamp((int)(10 * _done()), 0, 9)].Add(bytes);
            }
        }
    }
}
