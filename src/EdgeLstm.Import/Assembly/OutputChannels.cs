// The outputs of an imported model: forecasts of inputs where horizons are given, classes after a softmax, quantities otherwise.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Assembly;

/// <summary>Puts the outputs together.</summary>
/// <param name="file">The file that is imported, for refusals.</param>
/// <param name="model">Its network.</param>
/// <param name="inputs">The input channels.</param>
/// <param name="choices">What the person decided.</param>
/// <param name="scaling">Scaling; null where there is none.</param>
/// <param name="warnings">What was assumed is added here.</param>
internal sealed class OutputChannels(
    SourceFile file,
    ImportedModel model,
    IReadOnlyList<InputManifest> inputs,
    ImportChoices choices,
    ChannelScaling? scaling,
    List<string> warnings)
{
    private readonly IReadOnlyList<ScaledChannel>? _scaled = scaling?.Outputs;

    private int Size => model.OutputSize;

    /// <summary>The task and one entry for each value the network gives.</summary>
    /// <param name="periodMs">The sample period, to which horizons in time refer.</param>
    public (ModelTask Task, IReadOnlyList<OutputManifest> Outputs) Make(double periodMs)
    {
        if (_scaled is not null && _scaled.Count != Size)
        {
            throw file.Refuse($"gives {Size} outputs; the scaling of {scaling!.Source} has {_scaled.Count}");
        }

        if (choices.Horizons is { } horizons)
        {
            return (ModelTask.Forecast, Forecasts(horizons.ToArray(horizon => Samples(horizon, periodMs))));
        }

        if (choices.Targets is not null)
        {
            throw file.Refuse("--target says which inputs are foretold; --horizon must say how far ahead");
        }

        if (_scaled is not null && _scaled.All(channel => channel is { Horizon: >= 1, Name: not null }))
        {
            return (ModelTask.Forecast, ArrayProjection.Of(
                Size, k => Forecast(k, Target(_scaled[k].Name!), _scaled[k].Horizon!.Value)));
        }

        warnings.Add("without --horizon the outputs are no forecasts: there will be values, but no residuals and no alarms");
        return IsClassifier ? (ModelTask.Classify, Classes()) : (ModelTask.Regress, Quantities());
    }

    // After another layer a manifest knows no classes: what a convolution gives are then quantities.
    private bool IsClassifier => model.Layers[^1].Manifest is
    {
        Kind: LayerKind.Dense or LayerKind.Activation, Activation.Kind: Activation.Softmax,
    };

    private int Samples(Horizon horizon, double periodMs) =>
        horizon.InSamples(periodMs) ?? throw file.Refuse(FormattableString.Invariant(
            $"--horizon {horizon.Text} is no whole number of sample periods of {periodMs} ms (--period)"));

    // For each horizon all targets.
    private OutputManifest[] Forecasts(int[] horizons)
    {
        if (choices.OutputNames is not null)
        {
            throw file.Refuse("--name-outputs does not go with --horizon: forecasts have the names of the inputs they foretell");
        }

        InputManifest[] targets = Targets(horizons);
        if (horizons.Length * targets.Length != Size)
        {
            throw Misfit(horizons.Length, $"{targets.Length} of --target ({string.Join(", ", targets.Select(t => t.Name))})");
        }

        if (_scaled is null)
        {
            warnings.Add(inputs.Any(input => input.Offset != 0 || input.Scale != 1)
                ? "scaling of outputs absent: each forecast is scaled like the input it foretells. If training scaled targets "
                    + "otherwise or not at all, give --norm with \"outputs\""
                : "scaling of outputs absent: forecasts are published as the network gives them");
        }

        return ArrayProjection.Of(
            Size, k => Forecast(k, targets[k % targets.Length], horizons[k / targets.Length]));
    }

    private InputManifest[] Targets(int[] horizons)
    {
        if (choices.Targets is { } names)
        {
            return [.. names.Select(Target)];
        }

        bool areAll = inputs.Count == 1 || inputs.Count * horizons.Length == Size;
        return areAll
            ? [.. inputs]
            : throw Misfit(horizons.Length, $"{inputs.Count} inputs ({string.Join(", ", inputs.Select(input => input.Name))})");
    }

    private ModelFileException Misfit(int horizons, string targets) => file.Refuse(
        $"gives {Size} outputs; there are {horizons} of --horizon and {targets}. Outputs must be horizons times targets, for "
        + "each horizon all targets: --target names the inputs that are foretold");

    private InputManifest Target(string name) =>
        inputs.FirstOrDefault(input => input.Name == name)
        ?? throw file.Refuse(
            $"foretells '{name}', which is none of its inputs: {string.Join(", ", inputs.Select(input => input.Name))}");

    private OutputManifest Forecast(int index, InputManifest target, int horizon)
    {
        ScaledChannel? scaled = _scaled?[index];
        return new OutputManifest(
            target.Name, scaled?.Unit ?? target.Unit, horizon, scaled?.Offset ?? target.Offset, scaled?.Scale ?? target.Scale,
            scaled?.Quantile, scaled?.RelativeTo, scaled?.Minimum, scaled?.Maximum);
    }

    private OutputManifest[] Classes()
    {
        string[] names = Names("class");
        if (_scaled?.Any(channel => channel.Offset != 0 || channel.Scale != 1) == true)
        {
            throw file.Refuse($"ends with a softmax, whose outputs are probabilities; the scaling of outputs of "
                + $"{scaling!.Source} does not belong to them");
        }

        return [.. names.Select(name => new OutputManifest(name, "1", 0, 0, 1))];
    }

    private OutputManifest[] Quantities()
    {
        string[] names = Names("y");
        return [.. names.Select((name, k) => new OutputManifest(
            name, _scaled?[k].Unit ?? "1", 0, _scaled?[k].Offset ?? 0, _scaled?[k].Scale ?? 1, _scaled?[k].Quantile,
            _scaled?[k].RelativeTo, _scaled?[k].Minimum, _scaled?[k].Maximum))];
    }

    private string[] Names(string prefix)
    {
        if (choices.OutputNames is { } given)
        {
            return given.Count == Size
                ? [.. given]
                : throw file.Refuse($"gives {Size} outputs; --name-outputs names {given.Count}: {string.Join(", ", given)}");
        }

        string?[] known = ArrayProjection.Of(Size, k => ChannelNames.Clean(_scaled?[k].Name));
        if (known.Contains(null))
        {
            warnings.Add($"outputs without names are called {prefix}1, {prefix}2 and so on; --name-outputs names them");
        }

        return [.. known.Select((name, k) => name ?? $"{prefix}{k + 1}")];
    }
}
