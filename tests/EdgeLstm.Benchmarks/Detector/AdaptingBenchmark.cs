// What a head that goes on learning costs:  ns per sample of the shipped machine temperature model, without and with it.

using System.Globalization;
using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Tests;

namespace EdgeLstm.Benchmarks.Detector;

/// <summary>Measures both in turns in one run and prints medians.</summary>
internal static class AdaptingBenchmark
{
    private const int Rounds = 21;
    private const int Memory = 2000;
    private const double Score = 1;
    private const double Threshold = 5;

    /// <summary>Prints a line for each; 5 where anything is allocated or nothing was learned.</summary>
    public static int Run()
    {
        Model model = ModelFile.Load(Path.Combine(RepositoryRoot.Path, "models", "machine-temperature-gru.safetensors"));
        AdaptiveHead head = new(model.Manifest, Memory);
        TimedSteps[] cases =
        [
            new("network step and score", 1, 1, Step(model, null)), new("the same, its head learning", 1, 1, Step(model, head)),
        ];
        for (int round = 0; round < Rounds; round++)
        {
            foreach (TimedSteps one in cases)
            {
                one.Measure();
            }
        }

        Console.WriteLine($"{model.Manifest.Name}, medians of {Rounds} rounds of {TimedSteps.RoundRows} samples");
        foreach (TimedSteps one in cases)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{one.Name,-30}{one.RowNs,8:F0} ns{one.AllocatedBytes,8} bytes allocated"));
        }

        Console.WriteLine($"learned from {head.Learned} samples");
        return head.Learned > 0 && cases.Sum(one => one.AllocatedBytes) == 0 ? 0 : 5;
    }

    private static Action<float[], double> Step(Model model, AdaptiveHead? head)
    {
        ModelForecaster forecaster = new(
            model.Manifest, model.CreateNetwork(VectorWidths.Best), DetectorSettings.Default, null, head);
        int count = model.Manifest.Outputs.Count;
        (float[] outputs, float[] due, float[] trusted) = (new float[count], new float[count], new float[count]);
        return (row, _) =>
        {
            forecaster.Step(row, row, outputs, due, trusted);
            head?.Judge(Score, Threshold, isRaised: false);
        };
    }
}
