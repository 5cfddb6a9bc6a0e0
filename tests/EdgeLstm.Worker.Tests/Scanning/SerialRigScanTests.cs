// What scan says of every serial sensor that is supported, from the bytes of its emulation.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Scanning;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.Worker.Tests.Scanning;

public sealed class SerialRigScanTests
{
    private const int EnoughReads = 40;
    private const int WaitMs = 1000;

    // Told by nothing but start bytes and length here: the rig sends one record over and over, so that no checksum proves itself.
    private static readonly string[] Unproven = ["fixed", "delimited", "length-prefixed"];

    public static TheoryData<string> Profiles
    {
        get
        {
            TheoryData<string> files = [];
            foreach (Func<SensorRig> create in SerialRigs.All)
            {
                using SensorRig rig = create();
                files.Add(rig.Profile);
            }

            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_supported_sensor_is_recognised_by_its_framing(string file)
    {
        using SensorRig rig = SensorRigs.All[file]();
        SensorProfile profile = SensorProfile.Load(
            Path.Combine(RepositoryRoot.Path, "firmware-configs", file), new ProblemList(file))!;

        FramingGuess guess = FramingGuess.Of(Received(rig.Open(profile)));

        string kind = profile.FramingOrValues.Kind;
        Assert.True(guess.IsRecognised, $"{guess.Kind} at {guess.Confidence} %: {guess.Evidence}");
        Assert.Equal(Unproven.Contains(kind) ? "fixed" : kind, guess.Kind);
    }

    private static byte[] Received(ByteSource source)
    {
        List<byte> received = [];
        byte[] buffer = new byte[4096];
        for (int i = 0; i < EnoughReads; i++)
        {
            if (source.Read(buffer, WaitMs, out int count, out _) == SourceRead.Data)
            {
                received.AddRange(buffer.AsSpan(0, count));
            }
        }

        return [.. received];
    }
}
