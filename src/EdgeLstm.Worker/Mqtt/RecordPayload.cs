// A record as JSON; nothing is allocated per record.
//
//     state, history  {"boot":…,"seq":…,"ts":…,"status":…,"values":{…},"residuals":{…},"forecast":{…},"score":…,
//                      "threshold":…,"alarm":…}, with  "limits":{…}  of the channels that have operating limits
//     event           {"boot":…,"seq":…,"ts":…,"event":…,"alarm":…,"score":…,"threshold":…,"values":{…},"forecast":{…}}
//         alarmRaised   with  "onset":…,"contributions":{…}
//         alarmCleared  with  "onset":…,"peak":…,"peakScore":…,"end":…,"contributions":{…}, those at the peak
//
// While the system's clock is not synchronised "ts" is followed by "timeSynced":false.
//
// The schema is messages.schema.json. Figures that are not finite are null; the rest in the shortest form that reads back equal.

using System.Text.Json;
using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Writes the records of one stream. Used by one thread.</summary>
internal sealed class RecordPayload
{
    private static readonly JsonEncodedText Boot = JsonEncodedText.Encode("boot");
    private static readonly JsonEncodedText Seq = JsonEncodedText.Encode("seq");
    private static readonly JsonEncodedText Ts = JsonEncodedText.Encode("ts");
    private static readonly JsonEncodedText TimeSynced = JsonEncodedText.Encode("timeSynced");
    private static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
    private static readonly JsonEncodedText Event = JsonEncodedText.Encode("event");
    private static readonly JsonEncodedText Alarm = JsonEncodedText.Encode("alarm");
    private static readonly JsonEncodedText Score = JsonEncodedText.Encode("score");
    private static readonly JsonEncodedText Threshold = JsonEncodedText.Encode("threshold");
    private static readonly JsonEncodedText Onset = JsonEncodedText.Encode("onset");
    private static readonly JsonEncodedText Peak = JsonEncodedText.Encode("peak");
    private static readonly JsonEncodedText PeakScore = JsonEncodedText.Encode("peakScore");
    private static readonly JsonEncodedText End = JsonEncodedText.Encode("end");
    private static readonly JsonEncodedText Limits = JsonEncodedText.Encode("limits");
    private static readonly JsonEncodedText Probability = JsonEncodedText.Encode("probability");
    private static readonly JsonEncodedText Seconds = JsonEncodedText.Encode("seconds");
    private static readonly JsonEncodedText Contributions = JsonEncodedText.Encode("contributions");
    private static readonly JsonEncodedText Values = JsonEncodedText.Encode("values");
    private static readonly JsonEncodedText Residuals = JsonEncodedText.Encode("residuals");
    private static readonly JsonEncodedText Forecast = JsonEncodedText.Encode("forecast");
    private static readonly JsonEncodedText Value = JsonEncodedText.Encode("value");
    private static readonly JsonEncodedText Low = JsonEncodedText.Encode("low");
    private static readonly JsonEncodedText High = JsonEncodedText.Encode("high");

    // Indexed by the enum values of StreamStatus, AlarmState and StreamEvent.
    private static readonly JsonEncodedText[] StatusNames = Encode("warming", "live", "filling", "stale");
    private static readonly JsonEncodedText[] AlarmNames = Encode("clear", "raised");
    private static readonly JsonEncodedText[] EventNames =
        Encode("none", "alarmRaised", "alarmCleared", "streamLost", "streamBack");

    private readonly JsonEncodedText _boot;
    private readonly JsonEncodedText[] _channels;
    private readonly int[] _limited;
    private readonly ForecastField[] _forecasts;

    /// <summary>Bytes that a payload has at most, about, for names of usual length.</summary>
    public static int LargestBytes(int channels, int outputs) => 340 + (200 * channels) + (140 * outputs);

    /// <param name="boot">Names this process start, 8 hexadecimal digits.</param>
    /// <param name="channels">Channels of every record.</param>
    /// <param name="forecasts">Forecasts of every record.</param>
    public RecordPayload(string boot, IReadOnlyList<ChannelInfo> channels, ForecastField[] forecasts)
    {
        _boot = JsonEncodedText.Encode(boot);
        _channels = Encode([.. channels.Select(channel => channel.Name)]);
        _limited = Array.FindAll(ArrayProjection.Indexes(channels.Count), i => channels[i].HasLimits);
        _forecasts = forecasts;
    }

    /// <summary>A status as every message writes it.</summary>
    public static JsonEncodedText NameOf(StreamStatus status) => StatusNames[(int)status];

    /// <summary>The payload of <c>state</c> and <c>history</c>; valid until the buffer's next one.</summary>
    public ReadOnlySpan<byte> WriteState(PayloadBuffer buffer, StreamRecord record)
    {
        Utf8JsonWriter json = Open(buffer, record);
        json.WriteString(Status, NameOf(record.Status));
        WriteChannels(json, Values, record.Values);
        WriteChannels(json, Residuals, record.Residuals);
        WriteForecast(json, record);
        WriteLimits(json, record);
        WriteNumber(json, Score, record.Score);
        WriteNumber(json, Threshold, record.Threshold);
        json.WriteString(Alarm, AlarmNames[(int)record.Alarm]);
        json.WriteEndObject();
        return buffer.End();
    }

    /// <summary>The payload of <c>event</c>; valid until the buffer's next one.</summary>
    public ReadOnlySpan<byte> WriteEvent(PayloadBuffer buffer, StreamRecord record)
    {
        Utf8JsonWriter json = Open(buffer, record);
        json.WriteString(Event, EventNames[(int)record.Event]);
        json.WriteString(Alarm, AlarmNames[(int)record.Alarm]);
        WriteNumber(json, Score, record.Score);
        WriteNumber(json, Threshold, record.Threshold);
        if (record.Event is StreamEvent.AlarmRaised or StreamEvent.AlarmCleared)
        {
            WriteIncident(json, record);
        }

        WriteChannels(json, Values, record.Values);
        WriteForecast(json, record);
        json.WriteEndObject();
        return buffer.End();
    }

    private Utf8JsonWriter Open(PayloadBuffer buffer, StreamRecord record)
    {
        Utf8JsonWriter json = buffer.Begin();
        json.WriteStartObject();
        json.WriteString(Boot, _boot);
        json.WriteNumber(Seq, record.Sequence);
        json.WriteNumber(Ts, record.TimestampUnixMs);
        if (record.IsUnsynced)
        {
            json.WriteBoolean(TimeSynced, false);
        }

        return json;
    }

    private void WriteChannels(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<float> figures)
    {
        json.WriteStartObject(name);
        for (int i = 0; i < _channels.Length; i++)
        {
            WriteNumber(json, _channels[i], figures[i]);
        }

        json.WriteEndObject();
    }

    private void WriteIncident(Utf8JsonWriter json, StreamRecord record)
    {
        AlarmIncident incident = record.Incident;
        json.WriteNumber(Onset, incident.OnsetUnixMs);
        if (record.Event == StreamEvent.AlarmCleared)
        {
            json.WriteNumber(Peak, incident.PeakUnixMs);
            WriteNumber(json, PeakScore, incident.PeakScore);
            json.WriteNumber(End, incident.EndUnixMs);
        }

        WriteChannels(json, Contributions, record.Contributions);
    }

    private void WriteForecast(Utf8JsonWriter json, StreamRecord record)
    {
        json.WriteStartObject(Forecast);
        foreach (ForecastField field in _forecasts)
        {
            json.WriteStartObject(field.Key);
            WriteNumber(json, Value, record.Outputs[field.Value]);
            WriteEdge(json, Low, record.Outputs, field.LowQuantile, record.Low[field.Value]);
            WriteEdge(json, High, record.Outputs, field.HighQuantile, record.High[field.Value]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void WriteLimits(Utf8JsonWriter json, StreamRecord record)
    {
        if (_limited.Length == 0)
        {
            return;
        }

        json.WriteStartObject(Limits);
        foreach (int channel in _limited)
        {
            json.WriteStartObject(_channels[channel]);
            WriteNumber(json, Probability, record.LimitProbabilities[channel]);
            WriteNumber(json, Seconds, record.LimitSeconds[channel]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    // A band lies around the model's quantiles where it has them, and stands for them; without a band they stand alone. A band
    // that was never learned is left out; a quantile that has no figure right now is null.
    private static void WriteEdge(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<float> outputs, int quantile,
        float band)
    {
        if (quantile >= 0 && !float.IsFinite(band))
        {
            WriteNumber(json, name, outputs[quantile]);
        }
        else if (float.IsFinite(band))
        {
            json.WriteNumber(name, band);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, JsonEncodedText name, float figure)
    {
        if (float.IsFinite(figure))
        {
            json.WriteNumber(name, figure);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static JsonEncodedText[] Encode(params string[] names) =>
        Array.ConvertAll(names, name => JsonEncodedText.Encode(name));
}
