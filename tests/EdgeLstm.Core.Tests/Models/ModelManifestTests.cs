// Every rule of the manifest, broken one at a time; and what its records compute.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Models;

public class ModelManifestTests
{
    private static readonly ModelManifest Good = SmallModel.Manifest;

    private static readonly ModelManifest Classifier = Good with
    {
        Task = ModelTask.Classify,
        Layers = [Good.Layers[0], Good.Layers[1] with { Activation = Activation.Softmax }],
        Outputs = [new OutputManifest("healthy", "1", 0, 0, 1), new OutputManifest("worn", "1", 0, 0, 1)],
        Results = null,
    };

    private static readonly ModelManifest Regressor = Good with
    {
        Task = ModelTask.Regress,
        Outputs = [Good.Outputs[0] with { Name = "wear", Horizon = 0 }, Good.Outputs[1] with { Name = "load", Horizon = 0 }],
        Results = null,
    };

    private static readonly Dictionary<string, ModelManifest> Broken = new()
    {
        ["formatVersion: must be 1; got 2"] = Good with { FormatVersion = 2 },
        ["name: must be 1 to 64 of a-z, 0-9 and '-'; got 'Small GRU'"] = Good with { Name = "Small GRU" },
        ["name: must be 1 to 64 of a-z, 0-9 and '-'; got ''"] = Good with { Name = "" },
        ["samplePeriodMs: must be from 0.001 to 31622400000; got 0"] = Good with { SamplePeriodMs = 0 },
        ["samplePeriodMs: must be from 0.001 to 31622400000; got -1"] = Good with { SamplePeriodMs = -1 },
        ["samplePeriodMs: must be from 0.001 to 31622400000; got NaN"] = Good with { SamplePeriodMs = double.NaN },
        ["samplePeriodMs: must be from 0.001 to 31622400000; got Infinity"] =
            Good with { SamplePeriodMs = double.PositiveInfinity },
        ["warmUpSamples: must be from 0 to 1000000; got -1"] = Good with { WarmUpSamples = -1 },
        ["golden.tolerance: must be above 0 and at most 0.01; got 0"] = Good with { Golden = new GoldenManifest(0) },
        ["golden.tolerance: must be above 0 and at most 0.01; got 1"] = Good with { Golden = new GoldenManifest(1) },
        ["golden.tolerance: must be above 0 and at most 0.01; got NaN"] = Good with { Golden = new GoldenManifest(double.NaN) },
        ["description: must not contain control characters; got 'a?[2J'"] = Good with { Description = "a\u001b[2J" },
        ["description: must have 0 to 4096 characters; got 4097"] = Good with { Description = new string('d', 4097) },

        ["inputs: must have 1 to 1024 entries; got 0\nlayers[0].inputSize: must be the number of inputs, 0; got 1"] =
            Regressor with { Inputs = [], Outputs = [.. Regressor.Outputs.Select(o => o with { RelativeTo = null })] },
        ["inputs: must have 1 to 1024 entries; got 1025\nlayers[0].inputSize: must be the number of inputs, 1025; got 1"] =
            Good with
            {
                Inputs = [Good.Inputs[0], .. Enumerable.Range(0, 1024).Select(k => Good.Inputs[0] with { Name = $"x{k}" })],
            },
        ["inputs[1].name: 'temperature' already names another input\n"
            + "layers[0].inputSize: must be the number of inputs, 2; got 1"] =
            Good with { Inputs = [Good.Inputs[0], Good.Inputs[0]] },
        ["inputs[0].name: must have 1 to 64 characters; got 0"] = Renamed(""),
        ["inputs[0].name: must have 1 to 64 characters; got 65"] = Renamed(new string('n', 65)),
        ["inputs[0].name: must not contain '/', '+' or '#' nor begin or end with white space; got 'a/b'"] = Renamed("a/b"),
        ["inputs[0].name: must not contain '/', '+' or '#' nor begin or end with white space; got ' a'"] = Renamed(" a"),
        ["inputs[0].unit: must have 1 to 64 characters; got 0"] = WithInput(i => i with { Unit = "" }),
        ["inputs[0].offset: must be finite; got NaN"] = WithInput(i => i with { Offset = double.NaN }),
        ["inputs[0].offset: must be finite; got 1E+300"] = WithInput(i => i with { Offset = 1e300 }),
        ["inputs[0].scale: must be finite and not 0; got 0"] = WithInput(i => i with { Scale = 0 }),
        ["inputs[0].scale: must be finite and not 0; got 1E-300"] = WithInput(i => i with { Scale = 1e-300 }),
        ["inputs[0].scale: must be finite and not 0; got -Infinity"] = WithInput(i => i with { Scale = double.NegativeInfinity }),
        ["inputs[0].minimum: must be finite; got NaN"] = WithInput(i => i with { Minimum = double.NaN }),
        ["inputs[0].maximum: must be finite; got Infinity"] = WithInput(i => i with { Maximum = double.PositiveInfinity }),
        ["inputs[0].minimum: must be below maximum 125; got 125"] = WithInput(i => i with { Minimum = 125 }),

        ["layers: must have 1 to 64 entries; got 0"] = Good with { Layers = [] },
        ["layers: must have 1 to 64 entries; got 65"] = SmallModel.With(
            [Good.Layers[0], .. Enumerable.Range(0, 63).Select(k => new LayerManifest($"l{k}", LayerKind.Lstm, 2, 2))]),
        ["layers[0].name: must be 1 to 32 of a-z, 0-9 and '_'; got 'gru-0'"] = WithLayer(l => l with { Name = "gru-0" }),
        ["layers[0].name: must be 1 to 32 of a-z, 0-9 and '_'; got ''"] = WithLayer(l => l with { Name = "" }),
        ["layers[1].name: 'head' already names another layer"] = WithLayer(l => l with { Name = "head" }),
        ["layers[0].inputSize: must be from 1 to 4096; got 0\nlayers[0].inputSize: must be the number of inputs, 1; got 0"] =
            WithLayer(l => l with { InputSize = 0 }),
        ["layers[0].outputSize: must be from 1 to 4096; got 4097\n"
            + "layers[1].inputSize: must be the previous outputSize, 4097; got 2"] =
            WithLayer(l => l with { OutputSize = 4097 }),
        ["layers[1].outputSize: must be the number of outputs, 2; got 3"] = WithHead(l => l with { OutputSize = 3 }),
        ["layers[0].reset: missing; a gru layer needs it"] = WithLayer(l => l with { Reset = null }),
        ["layers[1].reset: belongs to a gru layer only"] = WithHead(l => l with { Reset = GruReset.After }),
        ["layers[1].activation: missing; an rnn, dense, conv1d or activation layer needs it"] =
            WithHead(l => l with { Activation = null }),
        ["layers[0].peepholes: belongs to an lstm layer only"] = WithLayer(l => l with { Peepholes = false }),

        ["window: must be from 2 to 1024; got 1"] = Good with { Window = 1 },
        ["window: must be from 2 to 1024; got -7"] = Good with { Window = -7 },
        ["window: must be from 2 to 1024; got 1025"] = Good with { Window = 1025, WarmUpSamples = 1025 },
        ["warmUpSamples: must be at least the window, 9: before that no output is of a whole one; got 8"] =
            Good with { Window = 9 },
        ["window: belongs to a model with state only: one with an lstm, gru, rnn or conv1d layer"] =
            Good with { Window = 8, Layers = [new("head", LayerKind.Dense, 1, 2, Activation: Activation.Linear)] },
        ["window: 513 states of 8192 values are more than 4194304; shorten the window"] =
            SmallModel.With(new LayerManifest("l", LayerKind.Lstm, 1, 4096)) with { Window = 513, WarmUpSamples = 513 },

        ["outputs: must have 1 to 1024 entries; got 0\nlayers[1].outputSize: must be the number of outputs, 0; got 2"] =
            Good with { Outputs = [], Results = null },
        ["outputs[0].name: of a forecast must name an input; got 'pressure'"] =
            WithOutput(o => o with { Name = "pressure" }) with { Results = null },
        ["outputs[0].horizon: of a forecast must be from 1 to 100000; got 0"] = WithHorizon(0),
        ["outputs[0].horizon: of a forecast must be from 1 to 100000; got 100001"] = WithHorizon(100_001),
        ["outputs[1].name: 'temperature' already has an output with this horizon and quantile"] =
            Good with { Outputs = [Good.Outputs[0], Good.Outputs[0]] },
        ["outputs[0].quantile: must be above 0 and below 1; got 0"] = WithOutput(o => o with { Quantile = 0 }),
        ["outputs[0].quantile: must be above 0 and below 1; got 1"] = WithOutput(o => o with { Quantile = 1 }),
        ["outputs[0].quantile: must be above 0 and below 1; got NaN"] = WithOutput(o => o with { Quantile = double.NaN }),
        ["outputs[0].relativeTo: must name an input; got 'pressure'"] = WithOutput(o => o with { RelativeTo = "pressure" }),
        ["outputs[0].unit: must have 1 to 64 characters; got 0"] = WithOutput(o => o with { Unit = "" }),
        ["outputs[0].offset: must be finite; got NaN"] = WithOutput(o => o with { Offset = double.NaN }),
        ["outputs[0].scale: must be finite and not 0; got 0"] = WithOutput(o => o with { Scale = 0 }),
        ["outputs[0].clipMinimum: must be finite; got NaN"] = WithOutput(o => o with { ClipMinimum = double.NaN }),
        ["outputs[0].clipMinimum: must be below clipMaximum 125; got 130"] = WithOutput(o => o with { ClipMinimum = 130 }),
        ["outputs[0].horizon: of task regress must be 0; got 1"] =
            Regressor with { Outputs = [Regressor.Outputs[0] with { Horizon = 1 }, Regressor.Outputs[1]] },

        ["outputs[1].horizon: of task classify must be 0; got 1"] = WithClass(o => o with { Horizon = 1 }),
        ["outputs[1].unit: of a class must be '1'; got '%'"] = WithClass(o => o with { Unit = "%" }),
        ["outputs[1].offset: of a class must be 0; got 3"] = WithClass(o => o with { Offset = 3 }),
        ["outputs[1].scale: of a class must be 1; got 2"] = WithClass(o => o with { Scale = 2 }),
        ["outputs[1].quantile: a probability has none"] = WithClass(o => o with { Quantile = 0.5 }),
        ["outputs[1].relativeTo: a probability has none"] = WithClass(o => o with { RelativeTo = "temperature" }),
        ["outputs[1].name: 'healthy' already has an output with this horizon and quantile"] =
            WithClass(o => o with { Name = "healthy" }),
        ["layers[1].activation: of task classify must be softmax or sigmoid in the last layer"] =
            Classifier with { Layers = Good.Layers },

        ["outputs[0].residuals.samples: must be at least 1; got 0"] = WithResiduals(r => r with { Samples = 0 }),
        ["outputs[0].residuals.mean: must be finite; got NaN"] = WithResiduals(r => r with { Mean = double.NaN }),
        ["outputs[0].residuals.standardDeviation: must be finite and at least 0; got -1"] =
            WithResiduals(r => r with { StandardDeviation = -1 }),
        ["outputs[0].residuals.tailProbability: must have 1 to 64 entries; got 0"] =
            WithResiduals(r => r with { TailProbability = [], AbsoluteResidual = [] }),
        ["outputs[0].residuals.absoluteResidual: must have as many entries as tailProbability, 3; got 2"] =
            WithResiduals(r => r with { AbsoluteResidual = [1, 2] }),
        ["outputs[0].residuals.tailProbability[1]: must lie between 0 and 1 and below the one before; got 0.5"] =
            WithResiduals(r => r with { TailProbability = [0.5, 0.5, 0.1] }),
        ["outputs[0].residuals.tailProbability[0]: must lie between 0 and 1 and below the one before; got 1"] =
            WithResiduals(r => r with { TailProbability = [1, 0.5, 0.1] }),
        ["outputs[0].residuals.absoluteResidual[2]: must be finite, at least 0 and not below the one before; got 1"] =
            WithResiduals(r => r with { AbsoluteResidual = [1, 2, 1] }),
        ["outputs[0].residuals.absoluteResidual[2]: must be finite, at least 0 and not below the one before; got NaN"] =
            WithResiduals(r => r with { AbsoluteResidual = [1, 2, double.NaN] }),

        ["provenance.source: must have 1 to 4096 characters; got 0"] = WithProvenance(p => p with { Source = "" }),
        ["provenance.tool: must have 1 to 4096 characters; got 0"] = WithProvenance(p => p with { Tool = "" }),
        ["provenance.version: must have 1 to 64 characters; got 0"] = WithProvenance(p => p with { Version = "" }),
        ["provenance.sha256: must be 64 hexadecimal digits; got 'abc'"] = WithProvenance(p => p with { Sha256 = "abc" }),
        ["provenance.date: must be a day as yyyy-MM-dd; got '2026-02-30'"] = WithProvenance(p => p with { Date = "2026-02-30" }),

        ["results[0].output: must name an output with this horizon; got 'temperature' at horizon 2"] =
            WithResult(r => r with { Horizon = 2 }),
        ["results[0].unit: must have 1 to 64 characters; got 0"] = WithResult(r => r with { Unit = "" }),
        ["results[0].model: must be finite and at least 0; got -1"] = WithResult(r => r with { Model = -1 }),
        ["results[0].persistence: must be finite and at least 0; got NaN"] = WithResult(r => r with { Persistence = double.NaN }),
        ["results[0].seasonalNaive: must be finite and at least 0; got Infinity"] =
            WithResult(r => r with { SeasonalNaive = double.PositiveInfinity }),
        ["results: must have at most 4096 entries; got 4097"] =
            Good with { Results = [.. Enumerable.Repeat(Good.Results![0], 4097)] },
    };

    public static TheoryData<string> Problems => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Problems))]
    public void Every_broken_rule_is_listed_with_its_path(string problems) =>
        Assert.Equal(problems.Split('\n').Order(), Broken[problems].FindProblems().Order());

    [Fact]
    public void Manifests_of_every_task_have_no_problems()
    {
        Assert.Empty(Good.FindProblems());
        Assert.Empty(Classifier.FindProblems());
        Assert.Empty(Regressor.FindProblems());
        Assert.Empty((Good with { Window = 2 }).FindProblems());
        Assert.Empty((Good with { Window = 1024, WarmUpSamples = 1024 }).FindProblems());
    }

    [Fact]
    public void All_problems_are_listed_at_once() =>
        Assert.Equal(3, (Good with { Name = "", WarmUpSamples = -1, Golden = new GoldenManifest(0) }).FindProblems().Count);

    [Fact]
    public void Inputs_are_standardised_by_offset_then_scale_and_back()
    {
        var input = new InputManifest("temperature", "°C", 20, 0.1);
        Assert.Equal(0.5f, input.Standardize(25));
        Assert.Equal(25, input.ToPhysical(0.5f));
        Assert.True(float.IsNaN(input.Standardize(float.NaN)));
    }

    [Theory]
    [InlineData(null, 2f, 24f)]
    [InlineData("temperature", 2f, 34f)]
    [InlineData("temperature", 100f, 60f)]
    [InlineData("temperature", -100f, 0f)]
    [InlineData("temperature", float.PositiveInfinity, 60f)]
    public void Outputs_are_unscaled_then_added_to_the_current_value_then_clipped(string? relativeTo, float raw, float expected)
    {
        var output = new OutputManifest("temperature", "°C", 1, 20, 0.5, RelativeTo: relativeTo, ClipMinimum: 0, ClipMaximum: 60);
        Assert.Equal(expected, output.ToPhysical(raw, 10));
    }

    [Fact]
    public void A_missing_current_value_makes_only_relative_outputs_missing()
    {
        Assert.True(float.IsNaN(Good.Outputs[0].ToPhysical(1, float.NaN)));
        Assert.Equal(30, Good.Outputs[1].ToPhysical(1, float.NaN));
        Assert.True(float.IsNaN(Good.Outputs[1].ToPhysical(float.NaN, 20)));
    }

    [Fact]
    public void Scaling_allocates_nothing()
    {
        OutputManifest output = Good.Outputs[0];
        InputManifest input = Good.Inputs[0];
        Allocation.AssertNone(() => _ = output.ToPhysical(input.Standardize(1), 1));
    }

    private static ModelManifest WithInput(Func<InputManifest, InputManifest> change) =>
        Good with { Inputs = [change(Good.Inputs[0])] };

    private static ModelManifest Renamed(string input) =>
        Regressor with
        {
            Inputs = [Good.Inputs[0] with { Name = input }],
            Outputs = [.. Regressor.Outputs.Select(o => o with { RelativeTo = null })],
        };

    private static ModelManifest WithLayer(Func<LayerManifest, LayerManifest> change) =>
        Good with { Layers = [change(Good.Layers[0]), Good.Layers[1]] };

    private static ModelManifest WithHead(Func<LayerManifest, LayerManifest> change) =>
        Good with { Layers = [Good.Layers[0], change(Good.Layers[1])] };

    private static ModelManifest WithOutput(Func<OutputManifest, OutputManifest> change) =>
        Good with { Outputs = [change(Good.Outputs[0]), Good.Outputs[1]] };

    private static ModelManifest WithHorizon(int horizon) =>
        WithOutput(o => o with { Horizon = horizon }) with { Results = null };

    private static ModelManifest WithClass(Func<OutputManifest, OutputManifest> change) =>
        Classifier with { Outputs = [Classifier.Outputs[0], change(Classifier.Outputs[1])] };

    private static ModelManifest WithResiduals(Func<ResidualManifest, ResidualManifest> change) =>
        WithOutput(o => o with { Residuals = change(o.Residuals!) });

    private static ModelManifest WithProvenance(Func<ProvenanceManifest, ProvenanceManifest> change) =>
        Good with { Provenance = change(Good.Provenance) };

    private static ModelManifest WithResult(Func<ResultManifest, ResultManifest> change) =>
        Good with { Results = [change(Good.Results![0])] };
}
