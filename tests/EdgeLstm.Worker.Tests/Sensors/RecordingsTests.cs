// Whole recordings of real sensors, replayed as fast as possible and read by the profiles they are meant for.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors;

public class RecordingsTests
{
    private static readonly string Shared =
        Environment.GetEnvironmentVariable("EDGELSTM_SHARED") ?? Path.Combine(RepositoryRoot.Path, "..", "shared");

    [SkippableTheory]
    [InlineData("nab/realKnownCause/machine_temperature_system_failure.csv", "machine-temperature-csv.json", true)]
    [InlineData("ecg/ecg805_250hz.csv", "ecg-csv.json", false)]
    public void Every_record_is_read_in_its_range(string recording, string profileFile, bool hasTimestamps)
    {
        string path = Path.Combine(Shared, "data", recording);
        Skip.IfNot(File.Exists(path), $"{path} is not there: set EDGELSTM_SHARED to the folder that holds data/");
        ProblemList problems = new(profileFile);
        string file = Path.Combine(RepositoryRoot.Path, "firmware-configs", profileFile);
        SensorProfile profile = SensorProfile.Load(file, problems) ?? throw new InvalidDataException(problems.ToString());
        using ReplaySource source = new(path, 0, 1000 / profile.RateHz);
        ProfileReader reader = new(profile, [profile.Channels[0].Name]);
        FrameDecoder frames = reader.CreateFrameDecoder(source.StartsAtFrameStart);
        byte[] buffer = new byte[4096];
        float[] channels = new float[1];
        int records = 0;
        while (source.Read(buffer, 0, out int count, out _) == SourceRead.Data)
        {
            ReadOnlySpan<byte> received = buffer.AsSpan(0, count);
            while (frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
            {
                records += reader.TryReadChannels(payload, channels) && float.IsFinite(channels[0]) ? 1 : 0;
            }
        }

        Assert.Equal(hasTimestamps, source.HasTimestamps);
        Assert.Equal(File.ReadLines(path).Count() - (hasTimestamps ? 1 : 0), records);
        Assert.Equal((0, 0, 0), (source.BadTimestamps, reader.Rejected, reader.OutOfRange));
    }
}
