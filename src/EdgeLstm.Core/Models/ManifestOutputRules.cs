// The rules of a manifest's outputs: what each task allows, quantiles, scaling, clips and the table of residuals.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

internal sealed partial class ManifestRules
{
    private const int MaxHorizon = 100_000;
    private const int MaxTailEntries = 64;

    private void CheckOutputs()
    {
        IReadOnlyList<OutputManifest> outputs = _manifest.Outputs;
        CheckCount(outputs.Count, "outputs", MaxChannels);
        CheckLastLayer();
        var seen = new HashSet<(string, int, double?)>();
        for (int k = 0; k < outputs.Count; k++)
        {
            (OutputManifest output, string path) = (outputs[k], $"outputs[{k}]");
            CheckName(output.Name, $"{path}.name");
            Check(
                seen.Add((output.Name, output.Horizon, output.Quantile)), $"{path}.name",
                $"{Show(output.Name)} already has an output with this horizon and quantile");
            CheckText(output.Unit, $"{path}.unit", MaxNameLength);
            CheckTask(output, path);
            Check(
                output.Quantile is null or (> 0 and < 1), $"{path}.quantile",
                $"must be above 0 and below 1; got {Show(output.Quantile)}");
            Check(
                output.RelativeTo is null || _manifest.IndexOfInput(output.RelativeTo) >= 0, $"{path}.relativeTo",
                $"must name an input; got {Show(output.RelativeTo ?? "")}");
            CheckScaling(output.Offset, output.Scale, path);
            CheckRange(output.ClipMinimum, output.ClipMaximum, path, "clipMinimum", "clipMaximum");
            CheckResiduals(output.Residuals, $"{path}.residuals");
        }
    }

    private void CheckLastLayer()
    {
        int last = _manifest.Layers.Count - 1;
        if (_manifest.Task != ModelTask.Classify || last < 0)
        {
            return;
        }

        LayerManifest layer = _manifest.Layers[last];
        if (layer.Kind is LayerKind.Dense or LayerKind.Activation or LayerKind.Conv1d)
        {
            Check(
                layer.Activation?.Kind is Activation.Softmax or Activation.Sigmoid, $"layers[{last}].activation",
                "of task classify must be softmax or sigmoid in the last layer");
        }
        else
        {
            Check(
                false, $"layers[{last}].kind",
                "of task classify must be dense, conv1d or activation in the last layer, with softmax or sigmoid; "
                + $"got {LayerKinds.NameOf(layer.Kind)}");
        }
    }

    private void CheckTask(OutputManifest output, string path)
    {
        switch (_manifest.Task)
        {
            case ModelTask.Forecast:
                Check(
                    _manifest.IndexOfInput(output.Name) >= 0, $"{path}.name",
                    $"of a forecast must name an input; got {Show(output.Name)}");
                Check(
                    output.Horizon is >= 1 and <= MaxHorizon, $"{path}.horizon",
                    $"of a forecast must be from 1 to {MaxHorizon}; got {output.Horizon}");
                break;
            case ModelTask.Regress:
                Check(output.Horizon == 0, $"{path}.horizon", $"of task regress must be 0; got {output.Horizon}");
                break;
            default:
                CheckClass(output, path);
                break;
        }
    }

    private void CheckClass(OutputManifest output, string path)
    {
        Check(output.Horizon == 0, $"{path}.horizon", $"of task classify must be 0; got {output.Horizon}");
        Check(output.Unit == "1", $"{path}.unit", $"of a class must be '1'; got {Show(output.Unit)}");
        Check(output.Offset == 0, $"{path}.offset", $"of a class must be 0; got {Show(output.Offset)}");
        Check(output.Scale == 1, $"{path}.scale", $"of a class must be 1; got {Show(output.Scale)}");
        Check(output.Quantile is null, $"{path}.quantile", "a probability has none");
        Check(output.RelativeTo is null, $"{path}.relativeTo", "a probability has none");
    }

    private void CheckResiduals(ResidualManifest? residuals, string path)
    {
        if (residuals is null)
        {
            return;
        }

        IReadOnlyList<double> probability = residuals.TailProbability;
        IReadOnlyList<double> residual = residuals.AbsoluteResidual;
        Check(residuals.Samples >= 1, $"{path}.samples", $"must be at least 1; got {residuals.Samples}");
        Check(IsSingle(residuals.Mean), $"{path}.mean", $"must be finite; got {Show(residuals.Mean)}");
        CheckError(residuals.StandardDeviation, $"{path}.standardDeviation");
        CheckCount(probability.Count, $"{path}.tailProbability", MaxTailEntries);
        Check(
            residual.Count == probability.Count, $"{path}.absoluteResidual",
            $"must have as many entries as tailProbability, {probability.Count}; got {residual.Count}");
        for (int k = 0; k < probability.Count; k++)
        {
            Check(
                probability[k] is > 0 and < 1 && (k == 0 || probability[k] < probability[k - 1]), $"{path}.tailProbability[{k}]",
                $"must lie between 0 and 1 and below the one before; got {Show(probability[k])}");
        }

        for (int k = 0; k < residual.Count; k++)
        {
            Check(
                IsSingle(residual[k]) && residual[k] >= (k == 0 ? 0 : residual[k - 1]), $"{path}.absoluteResidual[{k}]",
                $"must be finite, at least 0 and not below the one before; got {Show(residual[k])}");
        }
    }
}
