// What a record says in its message: {"boot":"1a2b3c4d","seq":7,"ts":…,…,"values":{"temperature":6},…}; the value is its number.

using System.Globalization;
using System.Text.Json;

namespace EdgeLstm.Faults.Rig;

/// <summary>The topic that a record came on.</summary>
internal enum RecordTopic
{
    State,
    History,
    Event,
}

/// <summary>One message about one sample.</summary>
/// <param name="Topic">The last level of its topic.</param>
/// <param name="Boot">Names the start of the program that measured it.</param>
/// <param name="Sequence">Its place since that start.</param>
/// <param name="TimestampUnixMs">When it was measured, as it says.</param>
/// <param name="Number">The sample's value, which is its number; −1 where the message has none.</param>
/// <param name="IsUnsynced">Whether it says that the clock was not synchronised.</param>
internal readonly record struct PublishedRecord(
    RecordTopic Topic, uint Boot, long Sequence, long TimestampUnixMs, int Number, bool IsUnsynced = false)
{
    /// <summary>Reads a message; false when it is none of a stream's. A payload that is no JSON has no number.</summary>
    public static bool TryRead(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, out PublishedRecord record)
    {
        record = default;
        RecordTopic? last = topic.EndsWith("/state"u8) ? RecordTopic.State
            : topic.EndsWith("/history"u8) ? RecordTopic.History
            : topic.EndsWith("/event"u8) ? RecordTopic.Event
            : null;
        if (last is null)
        {
            return false;
        }

        try
        {
            record = Read(last.Value, payload);
        }
        catch (Exception damaged) when (damaged is JsonException or FormatException or InvalidOperationException)
        {
            record = new PublishedRecord(last.Value, 0, 0, 0, -1);
        }

        return true;
    }

    private static PublishedRecord Read(RecordTopic topic, ReadOnlySpan<byte> payload)
    {
        uint boot = 0;
        long sequence = 0;
        long timestampUnixMs = 0;
        int number = -1;
        bool isUnsynced = false;
        Utf8JsonReader json = new(payload);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("boot"u8) && json.Read())
            {
                boot = uint.Parse(json.ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            }
            else if (json.ValueTextEquals("seq"u8) && json.Read())
            {
                sequence = json.GetInt64();
            }
            else if (json.ValueTextEquals("ts"u8) && json.Read())
            {
                timestampUnixMs = json.GetInt64();
            }
            else if (json.ValueTextEquals("timeSynced"u8) && json.Read())
            {
                isUnsynced = !json.GetBoolean();
            }
            else if (json.ValueTextEquals("values"u8))
            {
                number = ReadNumber(ref json);
                break;
            }
            else
            {
                json.Skip();
            }
        }

        return new PublishedRecord(topic, boot, sequence, timestampUnixMs, number, isUnsynced);
    }

    // {"temperature":6} or {"temperature":null}
    private static int ReadNumber(ref Utf8JsonReader json)
    {
        json.Read();
        json.Read();
        json.Read();
        return json.TokenType == JsonTokenType.Number ? (int)json.GetDouble() : -1;
    }
}
