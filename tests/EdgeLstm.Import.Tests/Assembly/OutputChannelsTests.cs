// What the outputs of a network become: forecasts, classes or quantities; and the counts that must fit.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Assembly;

namespace EdgeLstm.Import.Tests.Assembly;

public sealed class OutputChannelsTests
{
    private static readonly InputManifest[] Two = [new("flow", "m³/h", 5, 0.5), new("load", "kW", 1, 2)];

    [Fact]
    public void Forecasts_are_all_targets_for_each_horizon_scaled_like_their_inputs()
    {
        var warnings = new List<string>();

        (ModelTask task, IReadOnlyList<OutputManifest> outputs) =
            Make(SmallNets.Lstm(2, 4), new ImportChoices(Horizons: Horizons("1", "6s")), null, warnings);

        Assert.Equal(ModelTask.Forecast, task);
        Assert.Equal(
            [
                new("flow", "m³/h", 1, 5, 0.5), new("load", "kW", 1, 1, 2),
                new("flow", "m³/h", 6, 5, 0.5), new("load", "kW", 6, 1, 2),
            ],
            outputs);
        Assert.Contains(warnings, warning => warning.Contains("scaled like the input it foretells", StringComparison.Ordinal));
    }

    [Fact]
    public void Targets_choose_the_inputs_that_are_foretold_and_the_scaling_of_outputs_wins()
    {
        var scaling = new ChannelScaling("norm.json", null, [new(3, 4, Unit: "MW"), new(7, 8, Minimum: 0)]);

        (_, IReadOnlyList<OutputManifest> outputs) = Make(
            SmallNets.Lstm(2, 2), new ImportChoices(Horizons: Horizons("1", "2"), Targets: ["load"]), scaling, []);

        Assert.Equal([new("load", "MW", 1, 3, 4), new("load", "kW", 2, 7, 8, ClipMinimum: 0)], outputs);
    }

    [Theory]
    [InlineData(3, null, "gives 3 outputs; there are 2 of --horizon and 2 inputs (flow, load)")]
    [InlineData(3, "load", "gives 3 outputs; there are 2 of --horizon and 1 of --target (load)")]
    [InlineData(2, "lode", "foretells 'lode', which is none of its inputs: flow, load")]
    public void Counts_that_do_not_fit_are_refused(int outputs, string? target, string expected)
    {
        var choices = new ImportChoices(Horizons: Horizons("1", "2"), Targets: target is null ? null : [target]);

        ModelFileException refused =
            Assert.Throws<ModelFileException>(() => Make(SmallNets.Lstm(2, outputs), choices, null, []));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_horizon_between_two_samples_and_a_target_without_horizon_are_refused()
    {
        Assert.Contains("--horizon 1500ms is no whole number of sample periods of 1000 ms", Refusal(
            new ImportChoices(Horizons: Horizons("1500ms")), 2), StringComparison.Ordinal);
        Assert.Contains("--horizon must say how far ahead", Refusal(
            new ImportChoices(Targets: ["load"]), 2), StringComparison.Ordinal);
        Assert.Contains("does not go with --horizon", Refusal(
            new ImportChoices(Horizons: Horizons("1"), OutputNames: ["a", "b"]), 2), StringComparison.Ordinal);
        Assert.Contains("--name-outputs names 1: a", Refusal(new ImportChoices(OutputNames: ["a"]), 2), StringComparison.Ordinal);
    }

    [Fact]
    public void A_softmax_makes_classes_and_anything_else_quantities()
    {
        var warnings = new List<string>();

        (ModelTask task, IReadOnlyList<OutputManifest> outputs) = Make(
            SmallNets.Lstm(2, 2, last: Activation.Softmax), new ImportChoices(OutputNames: ["idle", "cutting"]), null, warnings);
        Assert.Equal(ModelTask.Classify, task);
        Assert.Equal([new("idle", "1", 0, 0, 1), new("cutting", "1", 0, 0, 1)], outputs);
        Assert.Contains("without --horizon", Assert.Single(warnings), StringComparison.Ordinal);

        (task, outputs) = Make(SmallNets.Lstm(2, 2), new ImportChoices(), null, warnings);
        Assert.Equal(ModelTask.Regress, task);
        Assert.Equal(["y1", "y2"], outputs.Select(output => output.Name));
    }

    [Fact]
    public void Horizons_of_the_scaling_make_forecasts_by_themselves()
    {
        var scaling = new ChannelScaling("norm.json", null,
        [
            new(0, 2, "flow", Horizon: 3, Quantile: 0.1, RelativeTo: "flow"), new(0, 2, "flow", Horizon: 3, Quantile: 0.9),
        ]);

        (ModelTask task, IReadOnlyList<OutputManifest> outputs) = Make(SmallNets.Lstm(2, 2), new ImportChoices(), scaling, []);

        Assert.Equal(ModelTask.Forecast, task);
        Assert.Equal(new OutputManifest("flow", "m³/h", 3, 0, 2, 0.1, "flow"), outputs[0]);
        Assert.Equal(0.9, outputs[1].Quantile);
    }

    private static string Refusal(ImportChoices choices, int outputs) =>
        Assert.Throws<ModelFileException>(() => Make(SmallNets.Lstm(2, outputs), choices, null, [])).Message;

    private static (ModelTask Task, IReadOnlyList<OutputManifest> Outputs) Make(
        ImportedModel model, ImportChoices choices, ChannelScaling? scaling, List<string> warnings) =>
        new OutputChannels(SmallNets.File, model, Two, choices, scaling, warnings).Make(1000);

    private static Horizon[] Horizons(params string[] texts) => [.. texts.Select(text =>
    {
        Assert.True(Horizon.TryParse(text, out Horizon horizon));
        return horizon;
    })];
}
