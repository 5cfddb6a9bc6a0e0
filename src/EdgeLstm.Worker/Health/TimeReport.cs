// What the health message says of the system's clock:
//
//     "timeSynced": true|false|null,  "timeCorrections": [{"boot":"1a2b3c4d","offsetMs":8123456}, …]

using System.Text.Json;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Health;

/// <summary>Writes whether the clock is synchronised, and how records from before that are corrected.</summary>
/// <param name="wall">The time of day.</param>
/// <param name="stretches">The starts of the program without it.</param>
internal sealed class TimeReport(WallClock wall, UnsyncedStretches stretches)
{
    /// <summary>Writes the members into an object that is already begun.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        if (wall.IsSynced is { } isSynced)
        {
            writer.WriteBoolean("timeSynced", isSynced);
        }
        else
        {
            writer.WriteNull("timeSynced");
        }

        writer.WriteStartArray("timeCorrections");
        foreach (UnsyncedStretch stretch in stretches.All)
        {
            WriteCorrection(writer, stretch);
        }

        writer.WriteEndArray();
    }

    // A record of that start with timeSynced: false was made at ts + offsetMs; null while, or as, that is not known.
    private static void WriteCorrection(Utf8JsonWriter writer, UnsyncedStretch stretch)
    {
        writer.WriteStartObject();
        writer.WriteString("boot", stretch.Boot);
        if (stretch.CorrectionMs is { } correctionMs)
        {
            writer.WriteNumber("offsetMs", correctionMs);
        }
        else
        {
            writer.WriteNull("offsetMs");
        }

        writer.WriteEndObject();
    }
}
