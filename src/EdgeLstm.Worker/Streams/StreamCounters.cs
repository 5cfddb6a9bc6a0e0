// What a stream counts about itself; written by its thread, read by whoever reports health.

using EdgeLstm.Core.State;

namespace EdgeLstm.Worker.Streams;

/// <summary>What the runs of a stream before this process have counted, as its saved state tells.</summary>
public readonly record struct EarlierCounts(
    long Steps, long Filled, long ChannelsFilled, long Unusable, long TimesStale, long Alarms, long Published);

/// <summary>Counters of one stream since the process started.</summary>
public sealed class StreamCounters
{
    private bool _goesOn;

    /// <summary>Those of the runs before.</summary>
    public EarlierCounts Earlier { get; private set; }

    /// <summary>Those of all runs.</summary>
    public EarlierCounts Total => new(
        Earlier.Steps + Steps, Earlier.Filled + Filled, Earlier.ChannelsFilled + ChannelsFilled, Earlier.Unusable + Unusable,
        Earlier.TimesStale + TimesStale, Earlier.Alarms + Alarms, Earlier.Published + Published);

    /// <summary>Steps made by the network, filled ones included.</summary>
    public long Steps { get; set; }

    /// <summary>Steps for which no reading came and the model was fed its own forecast.</summary>
    public long Filled { get; set; }

    /// <summary>Single channels that were missing in a reading and were filled.</summary>
    public long ChannelsFilled { get; set; }

    /// <summary>Readings that could not be used: a channel missing before any value of it was known, or while the stream was
    /// stale.</summary>
    public long Unusable { get; set; }

    /// <summary>Gaps beyond the limit.</summary>
    public long TimesStale { get; set; }

    /// <summary>Alarms raised.</summary>
    public long Alarms { get; set; }

    /// <summary>Records handed to the publisher.</summary>
    public long Published { get; set; }

    /// <summary>Times the stream was put together anew after a failure.</summary>
    public long Restarts { get; set; }

    /// <summary>Bytes dropped unread because the line brought more than can be readings.</summary>
    public long FloodedBytes { get; set; }

    /// <summary>Nanoseconds of a network step, exponentially weighted over about a hundred.</summary>
    public double StepNs { get; set; }

    /// <summary>How long the latest steps took.</summary>
    public StepTimes StepTimes { get; } = new();

    /// <summary>Saved states taken back at the start, whole or what was learned of them.</summary>
    public long StatesRestored { get; set; }

    /// <summary>Saved states that were damaged or of another stream, and were not used.</summary>
    public long StatesRefused { get; set; }

    /// <summary>Bytes allocated by the stream's thread since its loop began, read once a second or so.</summary>
    public long AllocatedBytes { get; set; }

    /// <summary>Appends the totals.</summary>
    public void Save(StateWriter writer)
    {
        EarlierCounts total = Total;
        writer.Write(total.Steps);
        writer.Write(total.Filled);
        writer.Write(total.ChannelsFilled);
        writer.Write(total.Unusable);
        writer.Write(total.TimesStale);
        writer.Write(total.Alarms);
        writer.Write(total.Published);
    }

    /// <summary>Takes the totals of the runs before; nothing where the stream goes on in this process, which has counted them
    /// itself.</summary>
    public void Restore(ref StateReader reader)
    {
        EarlierCounts saved = new(
            reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(),
            reader.ReadInt64(), reader.ReadInt64());
        Earlier = _goesOn ? Earlier : saved;
    }

    /// <summary>Says that another pipeline of this process counts on from here.</summary>
    public void GoOn() => _goesOn = true;
}
