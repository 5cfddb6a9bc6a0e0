// Every profile against its emulated device: the example's values, every fault survived, and the table that says so.
// After a change run with EDGELSTM_WRITE_TABLE=1 to write firmware-configs/SUPPORTED.md and the table of README.md anew.

using System.Text;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Tests.FirmwareConfigs;

namespace EdgeLstm.Worker.Tests.Supported;

public class SupportedSensorsTests
{
    private const string TableBegin = "<!-- profiles -->";
    private const string TableEnd = "<!-- /profiles -->";

    public static TheoryData<string> Rigs => [.. SensorRigs.All.Select(rig => rig.Key)];

    [SkippableTheory]
    [MemberData(nameof(Rigs))]
    public void A_profile_reads_the_example_of_its_data_sheet_and_again_after_every_fault(string name)
    {
        using SensorRig rig = SensorRigs.All[name]();
        SensorProfile profile = Load(rig.Profile);
        RigTrial.Run(rig, new RigReader(profile, rig.Open(profile)));
    }

    [Fact]
    public void The_tables_say_what_is_tested()
    {
        AssertHolds("SUPPORTED.md", _ => Evidence());
        AssertHolds("README.md", text =>
        {
            int begin = text.IndexOf(TableBegin, StringComparison.Ordinal) + TableBegin.Length;
            int end = text.IndexOf(TableEnd, StringComparison.Ordinal);
            Assert.InRange(end, begin, text.Length);
            return $"{text[..begin]}\n{Profiles()}{text[end..]}";
        });
    }

    private static void AssertHolds(string file, Func<string, string> withTable)
    {
        string path = Path.Combine(Firmware.Configs, file);
        string found = File.Exists(path) ? File.ReadAllText(path) : "";
        string expected = withTable(found);
        if (Environment.GetEnvironmentVariable("EDGELSTM_WRITE_TABLE") == "1")
        {
            File.WriteAllText(path, expected);
            found = expected;
        }

        Assert.True(found == expected, $"{file} says something else; run these tests with EDGELSTM_WRITE_TABLE=1");
    }

    [Fact]
    public void Every_profile_has_an_emulated_device()
    {
        string[] profiles = [.. Firmware.Profiles];
        string[] emulated = [.. SensorRigs.All.Values.Select(create =>
        {
            using SensorRig rig = create();
            return rig.Profile;
        }).Distinct()];
        Assert.Equal(profiles.Order(StringComparer.Ordinal), emulated.Order(StringComparer.Ordinal));
    }

    // What each profile's values are held against, and what it went through.
    private static string Evidence()
    {
        StringBuilder table = new("# Supported sensors and protocols\n\n"
            + "Written by the tests (`SupportedSensorsTests`): each row is a profile, read from an emulated device. "
            + "Values stand in\nthe order of the profile's channels.\n\n"
            + "| Sensor or protocol | Profile | Exercised | Values equal to | Faults survived |\n|---|---|---|---|---|\n");
        AppendRows(table, (rig, profile) =>
            [
                profile.Description,
                $"[{rig.Profile}]({rig.Profile})",
                rig.Exercise,
                $"{string.Join(", ", rig.Example.Select(e => Number(e.Value)))}: {rig.ExampleFrom}",
                string.Join(", ", rig.Faults.Select(Words)),
            ]);
        return table.ToString();
    }

    // What there is to choose from.
    private static string Profiles()
    {
        StringBuilder table = new("| Profile | Bus | Channels | Rate | Tested with |\n|---|---|---|---|---|\n");
        AppendRows(table, (rig, profile) =>
            [
                $"`{rig.Profile}`",
                profile.TransportOrSerial.Kind,
                string.Join(", ", profile.Channels.Select(c => c.Unit.Length == 0 ? c.Name : $"{c.Name} ({c.Unit})")),
                profile.RateHz > 0 ? $"{Number(profile.RateHz)} Hz" : "as sent",
                rig.Exercise,
            ]);
        return table.ToString();
    }

    private static void AppendRows(StringBuilder table, Func<SensorRig, SensorProfile, string[]> cellsOf)
    {
        foreach (Func<SensorRig> create in SensorRigs.All.Values)
        {
            using SensorRig rig = create();
            table.Append("| ").AppendJoin(" | ", cellsOf(rig, Load(rig.Profile))).Append(" |\n");
        }
    }

    private static string Number(double value) => FormattableString.Invariant($"{value:0.######}");

    private static string Words(Fault fault) => fault switch
    {
        Fault.NoAnswer => "no answer",
        Fault.WrongChecksum => "wrong checksum",
        Fault.StuckBus => "stuck bus",
        Fault.SlowAnswer => "slow answer",
        Fault.HalfRecord => "half a record",
        Fault.NonsenseValues => "nonsense values",
        _ => "gone and back",
    };

    private static SensorProfile Load(string file)
    {
        ProblemList problems = new(file);
        SensorProfile? profile = SensorProfile.Load(Path.Combine(Firmware.Configs, file), problems);
        Assert.False(problems.Any, problems.ToString());
        return profile!;
    }
}
