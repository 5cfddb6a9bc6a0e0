// The streams of the demonstration: a recording, the model for it, and how fast it is played.

namespace EdgeLstm.Worker.Demo;

/// <summary>One recording that plays the part of a microcontroller.</summary>
/// <param name="Name">Name of the stream.</param>
/// <param name="Story">What the recording is, for the viewer.</param>
/// <param name="Recording">The CSV file.</param>
/// <param name="Profile">The profile that reads what is sent.</param>
/// <param name="Unit">Unit of its channel.</param>
/// <param name="Model">The model; null where the stream learns by itself.</param>
/// <param name="ModelPeriodMs">The period of the recording.</param>
/// <param name="Speed">How much faster than life it is played.</param>
/// <param name="FalseAlarmsPerDay">Acceptable false alarms in a day of the demonstration's own time.</param>
/// <param name="ClearSamples">Calm samples before an alarm is cleared.</param>
/// <param name="EverySamples">Publish every N-th sample.</param>
internal sealed record DemoStream(
    string Name,
    string Story,
    string Recording,
    string Profile,
    string Unit,
    string? Model,
    double ModelPeriodMs,
    double Speed,
    double FalseAlarmsPerDay,
    int ClearSamples,
    int EverySamples)
{
    /// <summary>The period at which samples are played.</summary>
    public double PlayedPeriodMs => ModelPeriodMs / Speed;

    /// <summary>Samples that a stream without a model learns from: short, as nobody watches for long.</summary>
    public const int WarmUpSamples = 60;

    /// <summary>The two recordings that come with the program; the first with and without its model.</summary>
    /// <exception cref="DemoException">They are not beside the program nor in the source tree above it.</exception>
    public static IReadOnlyList<DemoStream> Shipped()
    {
        string root = FindRoot();
        string At(string name) => Path.Combine(root, name);
        // 300 false alarms a day at 6000 times life's pace are one in twenty days of the machine's own time.
        DemoStream machine = new("machine", "temperature inside an industrial machine",
            At("models/recordings/machine-temperature.csv"), At("firmware-configs/machine-temperature-csv.json"), "°C",
            At("models/machine-temperature-gru.safetensors"), 300_000, 6000, 300, 6, 1);
        return
        [
            machine,
            machine with { Name = "unmodelled", Story = "the same without a model: it learns from what it hears", Model = null },
            new DemoStream("heart", "one lead of an electrocardiogram in real time", At("models/recordings/ecg.csv"),
                At("firmware-configs/ecg-csv.json"), "mV", At("models/ecg-lstm.safetensors"),
                4, 1, 100, 125, 10),
        ];
    }

    // Beside a published program, or above a built one in the source tree.
    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !Directory.Exists(Path.Combine(folder, "models", "recordings")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DemoException(
            $"models/recordings was not found in {AppContext.BaseDirectory} or above; "
            + "run it from the published folder or the source tree");
    }
}
