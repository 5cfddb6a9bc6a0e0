// How unlike its past the latest mean of a series is:  −log10 Q((m_w − μ) / σ),  averaged over windows of w values.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>
/// The Gaussian tail of short means of a series against their own long history: one spike among many says little, several larger
/// values in a row say much.
/// </summary>
/// <remarks>
/// Source: Ahmad, Lavin, Purdy, Agha (2017), "Unsupervised real-time anomaly detection for streaming data", 4.2.
/// </remarks>
public sealed class TailLikelihood
{
    /// <summary>Values before there is a score.</summary>
    public const int LeastHistory = 10;

    /// <summary>No mean counts as further from its past than this, a score of 138: a series that hardly moved divides by next to
    /// nothing.</summary>
    public const double ZLimit = 25;

    private readonly double[] _latest;
    private readonly int[] _windows;
    private readonly ExponentialMoments[] _history;
    private long _count;

    /// <param name="memory">Values over which the history forgets.</param>
    /// <param name="windows">Lengths of the means, 1 or more each.</param>
    public TailLikelihood(double memory, params ReadOnlySpan<int> windows)
    {
        ArgumentOutOfRangeException.ThrowIfZero(windows.Length, nameof(windows));
        _windows = windows.ToArray();
        _history = new ExponentialMoments[windows.Length];
        int longest = 1;
        for (int i = 0; i < windows.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(windows[i], 1, nameof(windows));
            _history[i] = new ExponentialMoments(memory);
            longest = Math.Max(longest, windows[i]);
        }

        _latest = new double[longest];
    }

    /// <summary>The score of the series with the next value, 0 or more; NaN before there is a history, and for NaN.</summary>
    public double Score(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.NaN;
        }

        _latest[_count++ % _latest.Length] = value;
        double sum = 0;
        for (int i = 0; i < _windows.Length; i++)
        {
            double mean = Mean(_windows[i]);
            double z = _history[i].Count < LeastHistory ? double.NaN : _history[i].Z(mean);
            sum += NormalTail.Score(Math.Min(z, ZLimit));
            _history[i].Observe(mean);
        }

        return sum / _windows.Length;
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(_count);
        foreach (double value in _latest)
        {
            writer.Write(value);
        }

        foreach (ExponentialMoments history in _history)
        {
            history.Save(writer);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        _count = reader.ReadInt64();
        foreach (ref double value in _latest.AsSpan())
        {
            value = reader.ReadDouble();
        }

        foreach (ExponentialMoments history in _history)
        {
            history.Restore(ref reader);
        }
    }

    // Values that have not come yet count as 0.
    private double Mean(int window)
    {
        double sum = 0;
        for (int ago = 0; ago < window && ago < _count; ago++)
        {
            sum += _latest[(_count - 1 - ago) % _latest.Length];
        }

        return sum / window;
    }
}
