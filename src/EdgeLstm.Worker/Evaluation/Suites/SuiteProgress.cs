// How far an evaluation is, on one line of a terminal:  nab: 117 of 174 runs.

using System.Diagnostics;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Overwrites one line of a terminal, ten times a second at most. Safe to call from any thread.</summary>
internal sealed class SuiteProgress(string suite, bool isShown, TextWriter output)
{
    private const double SecondsBetween = 0.1;

    private readonly Lock _gate = new();
    private long _shownAt;
    private int _width;

    /// <summary>Shows that <paramref name="done"/> runs of <paramref name="count"/> are done.</summary>
    public void Show(int done, int count)
    {
        lock (_gate)
        {
            long now = Stopwatch.GetTimestamp();
            if (isShown && (done == count || Stopwatch.GetElapsedTime(_shownAt, now).TotalSeconds >= SecondsBetween))
            {
                _shownAt = now;
                string line = $"{suite}: {done} of {count} runs";
                _width = Math.Max(_width, line.Length);
                output.Write($"\r{line}");
            }
        }
    }

    /// <summary>Clears the line.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_width > 0)
            {
                output.Write($"\r{new string(' ', _width)}\r");
                _width = 0;
            }
        }
    }
}
