// A trained network as a model file: manifest, tensors, golden vectors computed in double precision apart from all kernels.

using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Import;
using EdgeLstm.Import.Assembly;
using EdgeLstm.Import.Trust;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;

namespace EdgeLstm.Worker.Training;

/// <summary>Puts a model together and writes it, whole or not at all.</summary>
/// <param name="problem">What it was trained on.</param>
/// <param name="settings">How.</param>
/// <param name="network">The network.</param>
internal sealed class ModelAssembly(ForecastProblem problem, TrainingSettings settings, TrainingNetwork<float> network)
{
    private const string Tool = "edgelstm train";
    private const int GoldenSteps = 64;

    // Kernels in float32 are usually within 1e-6; steep activations and long sums need more.
    private static readonly double[] Tolerances = [1e-5, 1e-4, 1e-3];

    private int? Window => settings.IsWindowed ? settings.Steps : null;

    /// <summary>The manifest without residuals and results.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="sha256">Hash of the recording.</param>
    /// <param name="time">Tells the date.</param>
    /// <exception cref="ModelFileException">It breaks a rule of the format, such as in a name.</exception>
    public ModelManifest Describe(TrainRequest request, string sha256, TimeProvider time)
    {
        string day = time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        ModelManifest manifest = new(
            ModelManifest.CurrentFormatVersion, request.Name ?? ChannelNames.OfModel(request.Output), ModelTask.Forecast,
            problem.Table.SamplePeriodMs, settings.IsWindowed ? settings.Steps : settings.Lead, problem.Inputs,
            NetworkExport.Layers(network), problem.Outputs, new GoldenManifest(Tolerances[^1]),
            new ProvenanceManifest(Path.GetFileName(request.Recording), sha256, Tool, request.Version, day), Window);
        return manifest.FindProblems() is { Count: > 0 } problems
            ? throw ModelFileException.In(request.Output, $"cannot become a model: {string.Join("; ", problems)}")
            : manifest;
    }

    /// <summary>Adds what was measured and writes the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="manifest">As described before.</param>
    /// <param name="residuals">Calibration of each output.</param>
    /// <param name="results">Errors on the test part.</param>
    /// <exception cref="ModelFileException">It cannot be written.</exception>
    public Model Save(
        string path, ModelManifest manifest, IReadOnlyList<ResidualManifest?> residuals, IReadOnlyList<ResultManifest> results)
    {
        List<Tensor> tensors = [];
        List<ImportedLayer> layers = [];
        for (int layer = 0; layer < network.Layers.Count; layer++)
        {
            // Dropout has none, and is nothing at run time.
            if (NetworkExport.Tensors(network, layer) is { Count: > 0 } own)
            {
                layers.Add(new ImportedLayer(manifest.Layers[layers.Count], own, network.Layers[layer].Name));
                tensors.AddRange(own);
            }
        }

        tensors.AddRange(Golden(path, layers));
        manifest = manifest with
        {
            Outputs = manifest.Outputs.ToArray((output, k) => output with { Residuals = residuals[k] }),
            Results = results.Count > 0 ? results : null,
        };
        double found = ModelFile.Load(path, ModelFile.ToBytes(manifest, tensors)).GoldenDeviation.MaxScaled;
        double tolerance = Array.Find(Tolerances, candidate => found <= candidate);
        return ModelFile.Save(path, manifest with { Golden = new GoldenManifest(tolerance) }, tensors);
    }

    private Tensor[] Golden(string path, List<ImportedLayer> layers)
    {
        int steps = Math.Max(GoldenSteps, (Window ?? 0) + 1);
        int inputs = network.InputSize;
        float[] rows = problem.Examples.Inputs.AsSpan(GoldenRow(steps) * inputs, steps * inputs).ToArray();
        double[][] samples = ArrayProjection.Of(
            steps, step => Array.ConvertAll(rows[(step * inputs)..((step + 1) * inputs)], value => (double)value));
        float[] outputs = new float[steps * network.OutputSize];
        double[][] answers = new ReferenceNetwork(layers).Run(samples, Window);
        for (int k = 0; k < outputs.Length; k++)
        {
            outputs[k] = (float)answers[k / network.OutputSize][k % network.OutputSize];
            if (!float.IsFinite(outputs[k]))
            {
                throw ModelFileException.In(path, "the trained network gives no finite number; a lower --learning-rate may help");
            }
        }

        return
        [
            new Tensor("golden.inputs", [steps, inputs], rows),
            new Tensor("golden.outputs", [steps, network.OutputSize], outputs),
        ];
    }

    // Around the largest input of the first test rows, as far as the recording goes.
    private int GoldenRow(int steps)
    {
        RowRange test = problem.Split.Test;
        (int largest, float most) = (test.Begin, 0);
        for (int row = test.Begin; row < Math.Min(test.End, test.Begin + (16 * GoldenSteps)); row++)
        {
            foreach (float value in problem.Examples.Inputs.AsSpan(row * network.InputSize, network.InputSize))
            {
                (largest, most) = Math.Abs(value) > most ? (row, Math.Abs(value)) : (largest, most);
            }
        }

        return Math.Max(0, Math.Min(largest - (steps / 2), problem.Table.Rows - steps));
    }
}
