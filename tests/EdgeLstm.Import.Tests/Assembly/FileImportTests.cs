// A whole import, from a network to the model file: what is written, what is said, and that a refusal writes nothing.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Assembly;
using EdgeLstm.Import.Canonical;
using EdgeLstm.Import.Tests.Trust;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.Assembly;

public sealed class FileImportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-import-").FullName;

    private string Source => Path.Combine(_folder, "trained.pt");

    private string Output => Path.Combine(_folder, "Pump House.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_model_file_holds_everything_and_passes_its_golden_vectors()
    {
        ImportedModel imported = SmallNets.Lstm(2, 4);
        Assert.True(Horizon.TryParse("2", out Horizon two));
        Assert.True(Horizon.TryParse("1s", out Horizon second));

        Import(imported, new ImportChoices(PeriodMs: 100, Horizons: [two, second]),
            norm: """{"mean":[20,3],"scale":[4,0.5],"feature_names":["inlet","outlet/hot"],"units":["°C","°C"]}""");

        Model model = ModelFile.Load(Output);
        ModelManifest manifest = model.Manifest;
        Assert.Equal(("pump-house", ModelTask.Forecast, 100.0, 50),
            (manifest.Name, manifest.Task, manifest.SamplePeriodMs, manifest.WarmUpSamples));
        Assert.Equal([new("inlet", "°C", 20, 0.25), new("outlet-hot", "°C", 3, 2)], manifest.Inputs);
        Assert.Equal([2, 2, 10, 10], manifest.Outputs.Select(output => output.Horizon));
        Assert.Equal(1e-5, manifest.Golden.Tolerance);
        Assert.Equal(32, model.Golden.Steps);
        Assert.Equal(
            new ProvenanceManifest(
                "trained.pt (PyTorch state_dict)", "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
                "edgelstm import", "1.2.3", "2026-11-21"),
            manifest.Provenance);
        Assert.Null(manifest.Window);
    }

    [Fact]
    public void The_same_import_writes_the_same_bytes()
    {
        Import(SmallNets.Lstm(), new ImportChoices());
        byte[] first = File.ReadAllBytes(Output);

        Import(SmallNets.Lstm(), new ImportChoices());

        Assert.Equal(first, File.ReadAllBytes(Output));
    }

    [Fact]
    public void What_nobody_said_is_assumed_with_a_warning_each()
    {
        ImportReport report = Import(SmallNets.Lstm(), new ImportChoices());

        string[] parts = ["scaling absent", "--name-inputs", "--period", "without --horizon", "--name-outputs"];
        Assert.Equal(parts.Length, report.Warnings.Count);
        Assert.All(parts, part => Assert.Contains(report.Warnings, w => w.Contains(part, StringComparison.Ordinal)));
        Assert.Equal("none", report.Scaling);
        Assert.Equal(["x1", "x2"], report.Model.Manifest.Inputs.Select(input => input.Name));
    }

    [Fact]
    public void Scaling_of_the_command_line_wins_and_that_of_the_file_fills_the_other_side()
    {
        var inFile = new ChannelScaling("buffers", [new(1, 1), new(2, 2)], [new(5, 6), new(5, 6), new(5, 6)]);

        ImportReport report = Import(
            SmallNets.Lstm(scaling: inFile), new ImportChoices(), norm: """{"mean":[8,9],"scale":[1,1]}""");

        Assert.Equal("norm.json (StandardScaler), buffers", report.Scaling);
        Assert.Equal([8, 9], report.Model.Manifest.Inputs.Select(input => input.Offset));
        Assert.All(report.Model.Manifest.Outputs, output => Assert.Equal((5, 6), (output.Offset, output.Scale)));
        Assert.Equal("buffers", Import(SmallNets.Lstm(scaling: inFile), new ImportChoices()).Scaling);
    }

    [Fact]
    public void A_window_of_the_file_becomes_that_of_the_model_and_its_warm_up()
    {
        ImportReport report = Import(SmallNets.Lstm(use: new SequenceUse(false, 24, false)), new ImportChoices());

        Assert.Equal((24, 24), (report.Model.Manifest.Window, report.Model.Manifest.WarmUpSamples));
        Assert.Equal(25, report.Model.Golden.Steps);
        Assert.StartsWith("windows of 24 samples", report.State, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_outputs_are_compared_and_their_deviation_is_told()
    {
        ImportedModel imported = SmallNets.Lstm();
        double[][] x = SmallNets.Samples(10, 2);

        ImportReport report = Import(
            imported, new ImportChoices(Window: 4), io: ReplayTests.Json(x, new ReferenceNetwork(imported.Layers).Run(x, null)));

        Assert.InRange(report.Replay!.Kernel.MaxAbsolute, 0, 1e-6);
        Assert.Contains("not windows of 4", report.Replay.Reading, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_in_given_outputs_are_noticed_where_nobody_said_window()
    {
        ImportedModel imported = SmallNets.Lstm();
        double[][][] x = [SmallNets.Samples(5, 2, 1), SmallNets.Samples(5, 2, 2)];
        double[][] y = [.. x.Select(window => new ReferenceNetwork(imported.Layers).Run(window, null)[^1])];
        string io = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, object> { ["inputs"] = x, ["outputs"] = y });

        static bool IsHint(string warning) => warning.Contains("--window 5", StringComparison.Ordinal);
        Assert.Contains(Import(imported, new ImportChoices(), io: io).Warnings, IsHint);
        Assert.DoesNotContain(Import(imported, new ImportChoices(IsStateful: true), io: io).Warnings, IsHint);
    }

    [Theory]
    [InlineData("""{"mean":[1,2,3],"scale":[1,1,1],"names":["a","b","c"]}""", null, "has 3 inputs (a, b, c)")]
    [InlineData("""{"outputs":[{"offset":0,"scale":1}]}""", null,
        "gives 3 outputs; the scaling of norm.json (outputs: channels) has 1")]
    [InlineData(null, """{"inputs":[[1,2]],"outputs":[[5,5,5]]}""", "Nothing is written")]
    [InlineData("""{"mean":[1,2],"scale":[1,1],"names":["a","a"]}""", null, "inputs[1].name: 'a' already names another input")]
    public void A_refusal_writes_nothing(string? norm, string? io, string expected)
    {
        ModelFileException refused =
            Assert.Throws<ModelFileException>(() => Import(SmallNets.Lstm(), new ImportChoices(), norm, io));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(_folder), file => file.Contains("Pump", StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_that_is_read_is_never_overwritten()
    {
        File.WriteAllBytes(Source, [1, 2, 3]);
        var import = new FileImport((_, _) => SmallNets.Lstm(), TimeProvider.System);

        Assert.Throws<ModelFileException>(
            () => import.Run(new ImportRequest(Source, Source, ImportOptions.None, new ImportChoices())));

        Assert.Equal([1, 2, 3], File.ReadAllBytes(Source));
    }

    [Fact]
    public void A_network_of_cancelling_numbers_gets_a_wider_tolerance_with_a_warning_and_an_unstable_one_is_refused()
    {
        // y = 3·10³⁸ x is finite for |x| up to 1.13 only.
        ModelFileException refused =
            Assert.Throws<ModelFileException>(() => Import(SmallNets.Gain(3e38f), new ImportChoices()));
        Assert.Contains("the network is unstable", refused.Message, StringComparison.Ordinal);

        ImportReport report = Import(Cancelling(), new ImportChoices());
        Assert.True(report.Model.Manifest.Golden.Tolerance is 1e-4 or 1e-3);
        Assert.Contains(report.Warnings, w => w.Contains("checked within", StringComparison.Ordinal));
    }

    // A small difference of large numbers: 1000 · (a − b), where a and b differ in the fourth digit.
    private static ImportedModel Cancelling()
    {
        var layers = new LayerBuilder(SmallNets.File);
        layers.AddDense("fc1", new SourceTensor("w", [2, 2], [0.7f, 0.3f, 0.7001f, 0.3f]), null, Activation.Linear);
        layers.AddDense("fc2", new SourceTensor("v", [1, 2], [1000, -1000]), null, Activation.Linear);
        return new ImportedModel("PyTorch state_dict", layers.Layers, new SequenceUse(), SampleAxes.BatchFirst, null, []);
    }

    private ImportReport Import(ImportedModel imported, ImportChoices choices, string? norm = null, string? io = null)
    {
        File.WriteAllBytes(Source, [1, 2, 3]);
        var import = new FileImport((_, _) => imported, new Clock());
        return import.Run(new ImportRequest(
            Source, Output, ImportOptions.None, choices, Write("norm.json", norm), Write("io.json", io), Version: "1.2.3"));
    }

    private string? Write(string name, string? text)
    {
        string path = Path.Combine(_folder, name);
        if (text is not null)
        {
            File.WriteAllText(path, text);
        }

        return text is null ? null : path;
    }

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 21, 14, 0, 0, TimeSpan.Zero);
    }
}
