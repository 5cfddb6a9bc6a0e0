// What was heard of a stream, in words: what arrives, and how its values stand to what the model was trained on.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Listening;
using EdgeLstm.Worker.Scanning;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Judges what was heard.</summary>
internal static class HearingFindings
{
    private const double RateTolerance = 0.05;
    private const double RejectedShare = 0.01;
    private const double MissingShare = 0.01;
    private const double DeviationsAllowed = 4;
    private const double LeastPeriods = 3;

    /// <summary>Adds the findings of one stream.</summary>
    public static void Add(StreamHearing hearing, List<Finding> findings)
    {
        string item = $"{hearing.Stream.Settings.Name}: arrival";
        if (hearing.Heard is not { } heard)
        {
            findings.Add(Finding.Good(item, $"not listened to: {hearing.NotHeard}"));
        }
        else if (heard.Problem is { } problem)
        {
            findings.Add(new Finding(item, problem, ExitCode.Environment));
        }
        else if (heard.Arrivals.Records == 0)
        {
            findings.Add(Silence(item, heard));
        }
        else
        {
            findings.Add(Arrival(item, heard));
            AddChannels(heard, findings);
        }
    }

    /// <summary>Writes the figures of one stream as an object.</summary>
    public static void Write(Utf8JsonWriter writer, StreamHearing hearing)
    {
        writer.WriteStartObject();
        writer.WriteString("name", hearing.Stream.Settings.Name);
        if (hearing.Heard is { } heard)
        {
            WriteFigures(writer, heard);
        }
        else
        {
            writer.WriteString("notListenedTo", hearing.NotHeard);
        }

        writer.WriteEndObject();
    }

    private static Finding Silence(string item, StreamListener heard)
    {
        double periodSeconds = StreamListener.PeriodMs(heard.Stream) / 1000;
        string seconds = Number(heard.Seconds);
        bool isSlow = heard.Seconds < LeastPeriods * periodSeconds;
        if (heard.Bytes > 0 && !(isSlow && HasOnlyBegun(heard)))
        {
            return new Finding(item,
                $"{heard.Bytes} bytes came within {seconds} s but no record{Reasons(heard)}: another baud rate or framing"
                + Hint(heard),
                ExitCode.Environment);
        }

        if (heard.Failed > 0)
        {
            return new Finding(item, $"{heard.Failed} measurements failed within {seconds} s", ExitCode.Environment);
        }

        return isSlow
            ? Finding.Good(item, $"a reading every {Number(periodSeconds)} s: no whole one came within {seconds} s; "
                + $"--listen {Number(Math.Ceiling(2.2 * periodSeconds))} to see two")
            : new Finding(item,
                $"nothing came within {seconds} s, expected {Number(Math.Floor(heard.Seconds / periodSeconds))} records: is the "
                + $"sensor on and wired?{Hint(heard)}", ExitCode.Environment);
    }

    // The end of a record whose beginning was before the line was opened is no sign that anything is wrong.
    private static bool HasOnlyBegun(StreamListener heard) =>
        heard.Frames.Partial <= 1 && heard.Profile.Rejected + heard.Frames.OverLong + heard.Profile.Records.HeaderLines == 0;

    private static Finding Arrival(string item, StreamListener heard)
    {
        ArrivalStatistics arrivals = heard.Arrivals;
        List<string> doubts = [];
        string rate = Rate(heard, doubts);
        string missing = Missing(arrivals, doubts);
        string rejected = Rejected(heard, doubts);
        string text = $"{FramingGuess.Counted((int)arrivals.Records, "record")} in {Number(heard.Seconds)} s: "
            + $"{rate}, {missing}, {rejected}";
        return doubts.Count == 0 ? Finding.Good(item, text) : Finding.Warning(item, $"{text}; {string.Join("; ", doubts)}");
    }

    private static string Rate(StreamListener heard, List<string> doubts)
    {
        ArrivalStatistics arrivals = heard.Arrivals;
        if (arrivals.RateHz == 0)
        {
            return "too few to tell the rate";
        }

        double expectedHz = 1000 / StreamListener.PeriodMs(heard.Stream);
        double excess = (arrivals.RateHz / expectedHz) - 1;
        bool isOff = excess < -RateTolerance || (excess > RateTolerance && heard.Stream.Profile.RateHz > 0);
        string text = $"{ScanText.Pace(arrivals.RateHz)}, jitter {Number(arrivals.JitterMs)} ms";
        text += arrivals.RecordsPerRead > 1.1 ? $" in bunches of {Number(arrivals.RecordsPerRead)}" : "";
        if (isOff && heard.Stream.Settings.Source.Kind != "replay")
        {
            string said = heard.Stream.Profile.RateHz > 0 ? "profile says" : "model needs";
            doubts.Add($"the {said} {ScanText.Pace(expectedHz)}");
        }

        return text;
    }

    private static string Missing(ArrivalStatistics arrivals, List<string> doubts)
    {
        if (arrivals.Missing > MissingShare * arrivals.Records)
        {
            doubts.Add("records are lost on the way: a weak connection, or a sender that pauses");
        }

        return arrivals.Missing == 0 ? "none missing" : $"{arrivals.Missing} missing";
    }

    private static string Rejected(StreamListener heard, List<string> doubts)
    {
        long rejected = heard.Profile.Rejected + heard.Failed;
        if (rejected > RejectedShare * heard.Arrivals.Records)
        {
            doubts.Add("frames are damaged: shorten the line, lower its rate, or see whether the profile fits");
        }

        return rejected == 0 ? "none rejected" : $"{rejected} rejected{Reasons(heard)}";
    }

    private static void AddChannels(StreamListener heard, List<Finding> findings)
    {
        IReadOnlyList<InputManifest> inputs = heard.Stream.Manifest.Inputs;
        for (int i = 0; i < heard.Arrivals.Channels.Count; i++)
        {
            string item = $"{heard.Stream.Settings.Name}: {inputs[i].Name}";
            findings.Add(Channel(item, inputs[i], heard.Arrivals.Channels[i], heard));
        }

        foreach (InputManifest input in heard.Stream.ClockInputs)
        {
            findings.Add(Finding.Good($"{heard.Stream.Settings.Name}: {input.Name}", "from the time of each sample, UTC"));
        }
    }

    private static Finding Channel(string item, InputManifest input, ChannelStatistics channel, StreamListener heard)
    {
        if (channel.Count == 0)
        {
            return new Finding(item, $"no value in any of {heard.Arrivals.Records} records: missing, or outside the profile's "
                + "minimum and maximum", ExitCode.Environment);
        }

        string text = $"{Number(channel.Minimum)} … {Number(channel.Maximum)} {input.Unit}".TrimEnd();
        text += channel.Missing == 0 ? "" : $", {channel.Missing} of {heard.Arrivals.Records} missing";
        if (heard.Stream.Model is null)
        {
            return Finding.Good(item, text);
        }

        string trained = $"the model was trained on {Number(input.Offset)} ± {Number(1 / Math.Abs(input.Scale))}";
        trained += input is { Minimum: { } minimum, Maximum: { } maximum } ? $" ({Number(minimum)} … {Number(maximum)})" : "";
        double deviations = channel.DeviationsFrom(input);
        return Math.Abs(deviations) > DeviationsAllowed
            ? Finding.Warning(item, $"{text}, {trained}, {Number(Math.Abs(deviations))} σ off: wrong unit or wrong sensor?")
            : Finding.Good(item, $"{text}, {trained}");
    }

    private static string Reasons(StreamListener heard)
    {
        List<string> reasons = [];
        ForEachReason(heard, (name, count) => reasons.Add($"{name} {count}"));
        return reasons.Count == 0 ? "" : $" ({string.Join(", ", reasons)})";
    }

    private static void ForEachReason(StreamListener heard, Action<string, long> take)
    {
        RecordDecoder records = heard.Profile.Records;
        Span<long> counts =
        [
            records.NotANumber, records.MissingField, records.ExtraField, records.Malformed, records.BadChecksum,
            records.BadLength, records.AwaitingHeader, heard.Frames.OverLong, heard.Failed,
            heard.Arrivals.Records == 0 ? records.HeaderLines : 0,
        ];
        string[] names =
        [
            "no number", "field missing", "field too many", "malformed", "wrong checksum", "wrong length", "before the header",
            "too long", "failed measurements", "taken for a header",
        ];
        for (int i = 0; i < names.Length; i++)
        {
            if (counts[i] > 0)
            {
                take(names[i], counts[i]);
            }
        }
    }

    private static string Hint(StreamListener heard)
    {
        SourceSettings source = heard.Stream.Settings.Source;
        return source.Kind == "serial" ? $"; edgelstm scan --port {source.Port} looks what is sent" : "";
    }

    private static void WriteFigures(Utf8JsonWriter writer, StreamListener heard)
    {
        ArrivalStatistics arrivals = heard.Arrivals;
        writer.WriteNumber("listenedSeconds", heard.Seconds);
        writer.WriteNumber("bytes", heard.Bytes);
        writer.WriteNumber("records", arrivals.Records);
        writer.WriteNumber("rateHz", arrivals.RateHz);
        writer.WriteNumber("expectedRateHz", 1000 / StreamListener.PeriodMs(heard.Stream));
        WriteFinite(writer, "jitterMs", arrivals.JitterMs);
        writer.WriteNumber("missing", arrivals.Missing);
        writer.WriteNumber("outOfRange", heard.Profile.OutOfRange);
        writer.WriteStartObject("rejected");
        ForEachReason(heard, writer.WriteNumber);
        writer.WriteEndObject();
        writer.WriteStartArray("channels");
        IReadOnlyList<InputManifest> inputs = heard.Stream.Manifest.Inputs;
        for (int i = 0; i < arrivals.Channels.Count; i++)
        {
            WriteChannel(writer, inputs[i], arrivals.Channels[i], isTrained: heard.Stream.Model is not null);
        }

        writer.WriteEndArray();
    }

    private static void WriteChannel(
        Utf8JsonWriter writer, InputManifest input, ChannelStatistics channel, bool isTrained)
    {
        writer.WriteStartObject();
        writer.WriteString("name", input.Name);
        writer.WriteString("unit", input.Unit);
        writer.WriteNumber("missing", channel.Missing);
        WriteFinite(writer, "minimum", channel.Minimum);
        WriteFinite(writer, "maximum", channel.Maximum);
        WriteFinite(writer, "median", channel.Median);
        if (isTrained)
        {
            writer.WriteNumber("trainedMean", input.Offset);
            writer.WriteNumber("trainedDeviation", 1 / Math.Abs(input.Scale));
            WriteFinite(writer, "deviations", channel.DeviationsFrom(input));
        }

        writer.WriteEndObject();
    }

    private static void WriteFinite(Utf8JsonWriter writer, string key, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumber(key, value);
        }
    }

    // Three digits are enough to compare by eye.
    private static string Number(double value) =>
        value.ToString(Math.Abs(value) >= 1000 || value == 0 ? "0" : "G3", CultureInfo.InvariantCulture);
}
