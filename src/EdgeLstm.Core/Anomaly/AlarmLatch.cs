// A latched alarm:  clear → raised after R samples in a row at or above the threshold;  raised → clear after C in a row below it
// less one.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>What an update did to the alarm.</summary>
public enum AlarmChange
{
    None,
    Raised,
    Cleared,
}

/// <summary>Turns scores into an alarm that does not chatter.</summary>
/// <remarks>
/// The threshold follows from how many false alarms a day are acceptable: with N samples a day and scores that are −log10 of a
/// tail probability, a normal sample exceeds <c>log10(N / falseAlarmsPerDay)</c> as often as was asked. The clearing threshold
/// lies one lower: ten times as probable.
/// </remarks>
public sealed class AlarmLatch
{
    /// <summary>A threshold below this would fire on every tenth sample or more often, whatever was asked.</summary>
    public const double LowestThreshold = 1;

    private readonly int _raiseSamples;
    private readonly int _clearSamples;
    private int _inRow;

    /// <param name="falseAlarmsPerDay">Above 0.</param>
    /// <param name="samplePeriodMs">Above 0.</param>
    /// <param name="raiseSamples">Samples in a row that raise; 1 or more.</param>
    /// <param name="clearSamples">Samples in a row that clear; 1 or more.</param>
    public AlarmLatch(double falseAlarmsPerDay, double samplePeriodMs, int raiseSamples, int clearSamples)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(falseAlarmsPerDay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samplePeriodMs);
        ArgumentOutOfRangeException.ThrowIfLessThan(raiseSamples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(clearSamples, 1);
        double samplesPerDay = TimeSpan.FromDays(1).TotalMilliseconds / samplePeriodMs;
        RaiseThreshold = Math.Max(LowestThreshold, Math.Log10(samplesPerDay / falseAlarmsPerDay));
        ClearThreshold = RaiseThreshold - 1;
        _raiseSamples = raiseSamples;
        _clearSamples = clearSamples;
    }

    /// <summary>The score at which a sample counts towards raising.</summary>
    public double RaiseThreshold { get; }

    /// <summary>The score below which a sample counts towards clearing.</summary>
    public double ClearThreshold { get; }

    /// <summary>True between raised and cleared.</summary>
    public bool IsRaised { get; private set; }

    /// <summary>Takes the next score; NaN (no score for this sample) leaves everything as it is.</summary>
    public AlarmChange Update(double score)
    {
        if (double.IsNaN(score))
        {
            return AlarmChange.None;
        }

        bool counts = IsRaised ? score < ClearThreshold : score >= RaiseThreshold;
        _inRow = counts ? _inRow + 1 : 0;
        if (_inRow < (IsRaised ? _clearSamples : _raiseSamples))
        {
            return AlarmChange.None;
        }

        _inRow = 0;
        IsRaised = !IsRaised;
        return IsRaised ? AlarmChange.Raised : AlarmChange.Cleared;
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(IsRaised ? 1L : 0L);
        writer.Write((long)_inRow);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        IsRaised = reader.ReadInt64() != 0;
        _inRow = (int)reader.ReadInt64();
    }
}
