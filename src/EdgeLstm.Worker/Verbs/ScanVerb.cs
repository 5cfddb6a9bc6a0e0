// edgelstm scan: which sensors are there, what they seem to speak, and a profile to begin with. Writes nothing to any of them.

using System.CommandLine;
using EdgeLstm.Worker.Scanning;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Looks at serial ports, I²C buses and the kernel's drivers.</summary>
internal static class ScanVerb
{
    private const double DefaultSeconds = 3;
    private const double LeastSeconds = 0.5;
    private const double MostSeconds = 600;

    private sealed record Wishes(
        double Seconds, IReadOnlyList<string> Ports, IReadOnlyList<string> Buses, string Root, string Profiles,
        string? WriteProfile)
    {
        /// <summary>True when only what is named is looked at.</summary>
        public bool IsNarrow => Ports.Count > 0 || Buses.Count > 0;
    }

    public static Command Command()
    {
        Option<bool> json = Verb.JsonOption();
        Option<double> seconds = new("--seconds")
        {
            Description = "How long to listen to each serial port, at all rates together.",
            DefaultValueFactory = _ => DefaultSeconds,
        };
        Option<string[]> ports = new("--port") { Description = "Look only at this serial port, and others so named." };
        Option<string[]> buses = new("--bus") { Description = "Look only at this I²C bus, and others so named." };
        Option<string> root = new("--root") { Description = "Folder that stands for /.", DefaultValueFactory = _ => "/" };
        Option<string?> profiles = new("--profiles")
        {
            Description = "Folder of known profiles; default: firmware-configs beside the program, else in /etc/edgelstm.",
        };
        Option<string?> write = new("--write-profile")
        {
            Description = "Write a profile draft of what a serial port sends to this new file.",
        };
        seconds.Validators.Add(result =>
        {
            double asked = result.GetValueOrDefault<double>();
            if (!(asked is >= LeastSeconds and <= MostSeconds))
            {
                result.AddError(FormattableString.Invariant($"--seconds must be {LeastSeconds} to {MostSeconds}; got {asked}"));
            }
        });
        Command command = new("scan", "List serial ports, I²C buses and kernel drivers with the sensors they seem to have.")
        {
            json, seconds, ports, buses, root, profiles, write,
        };
        command.SetAction(parsed => Run(
            new Wishes(parsed.GetValue(seconds), parsed.GetValue(ports) ?? [], parsed.GetValue(buses) ?? [],
                parsed.GetValue(root)!, parsed.GetValue(profiles) ?? KnownProfiles.DefaultFolder, parsed.GetValue(write)),
            parsed.GetValue(json)));
        return command;
    }

    private static int Run(Wishes wishes, bool json)
    {
        if (wishes.WriteProfile is { } file && File.Exists(file))
        {
            Console.Error.WriteLine($"{file} is there already: name a new file");
            return ExitCode.Usage;
        }

        ScanResult result = Scan(wishes);
        string? problem = wishes.WriteProfile is { } target ? WriteProfile(target, ref result) : null;
        if (json)
        {
            Verb.WriteJson(writer => ScanJson.Write(writer, result));
        }
        else
        {
            ScanText.Write(Console.Out, result);
        }

        problem ??= FindFault(wishes, result);
        if (problem is not null)
        {
            Console.Error.WriteLine(problem);
        }

        return problem is null ? ExitCode.Done : ExitCode.Environment;
    }

    private static ScanResult Scan(Wishes wishes)
    {
        IReadOnlyList<KnownProfile> known = KnownProfiles.Load(wishes.Profiles);
        IReadOnlyList<string> ports = wishes.IsNarrow ? wishes.Ports : SerialPorts.Find(wishes.Root);
        IReadOnlyList<string> buses = wishes.IsNarrow ? wishes.Buses : I2cScan.FindBuses(wishes.Root);
        string?[] problems = new string?[ports.Count];
        for (int i = 0; i < problems.Length; i++)
        {
            problems[i] = SerialPorts.FindProblem(ports[i], wishes.Root);
        }

        SerialFind[] serial = SerialScan.ListenAll(ports, problems, wishes.Seconds);
        List<I2cBusFind> finds = [];
        foreach (string path in buses)
        {
            using LinuxI2cBus bus = new(path);
            finds.Add(I2cScan.Run(bus, known, wishes.Root));
        }

        return new ScanResult(serial, finds, wishes.IsNarrow ? [] : KernelScan.Run(wishes.Root, known))
        {
            IsNarrow = wishes.IsNarrow,
        };
    }

    // Null when the draft was written; else why not.
    private static string? WriteProfile(string file, ref ScanResult result)
    {
        if (result.BestSerial is not { } find)
        {
            string known = ProfilesToUse(result);
            return known.Length > 0
                ? $"{file} is not written, there is a profile already: {known}"
                : $"{file} is not written: no serial port sends anything that is recognised";
        }

        string name = Path.GetFileNameWithoutExtension(file);
        string? problem = ProfileDraft.Write(file, ProfileDraft.Of(name, find.Guess, find.Baud, find.RateHz));
        result = problem is null ? result with { WrittenProfile = file } : result;
        return problem;
    }

    private static string ProfilesToUse(ScanResult result)
    {
        List<string> files = [];
        foreach (I2cBusFind bus in result.Buses)
        {
            foreach (I2cFind find in bus.Finds)
            {
                if (!find.IsOwned && find.Profiles.Count > 0)
                {
                    files.Add(find.Profiles[0].File);
                }
            }
        }

        return string.Join(", ", files);
    }

    private static string? FindFault(Wishes wishes, ScanResult result)
    {
        if (result.LookedAtAnything)
        {
            return null;
        }

        return wishes.IsNarrow || result.Serial.Count + result.Buses.Count > 0
            ? "nothing could be looked at: see above"
            : "nothing could be looked at: there is no serial port, no I²C bus and no device of a kernel driver";
    }
}
