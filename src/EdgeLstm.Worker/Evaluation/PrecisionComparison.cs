// What narrow weights cost: the forecast errors of one stream over one recording, at each precision its model can run in.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Evaluation;

/// <summary>Forecast errors with the weights held in one precision.</summary>
/// <param name="Precision">How the weights of recurrent layers were held.</param>
/// <param name="WeightBytesPerStep">Bytes of weights that a step reads, padding included.</param>
/// <param name="Errors">The errors, in the same order at every precision.</param>
internal sealed record PrecisionErrors(
    WeightPrecision Precision, long WeightBytesPerStep, IReadOnlyList<ForecastError> Errors)
{
    /// <summary>How much larger an error is than that of <paramref name="reference"/>, in percent.</summary>
    public double ChangePercent(PrecisionErrors reference, int index)
    {
        double before = reference.Errors[index].Value;
        return 100 * (Errors[index].Value - before) / before;
    }
}

/// <summary>Runs a recording through the stream's own pipeline once per precision.</summary>
internal static class PrecisionComparison
{
    /// <summary>Measures float32, then the others; of a narrow file float32 and its own; of variants only float32.</summary>
    /// <param name="recorded">The stream, whose model forecasts, and the recording.</param>
    /// <param name="problem">Receives why the recording is refused; null where it is not.</param>
    public static IReadOnlyList<PrecisionErrors> Measure(RecordedStream recorded, out string? problem)
    {
        problem = null;
        List<PrecisionErrors> measured = [];
        Model model = recorded.Stream.Model
            ?? throw new ArgumentException("a stream without a model has no weights to compare", nameof(recorded));
        foreach (WeightPrecision precision in PrecisionsOf(model))
        {
            // Every record is compared, whatever the stream publishes.
            StreamSettings settings = recorded.Stream.Settings with
            {
                Precision = PrecisionNames.Of(precision),
                Publish = null,
            };
            StreamPlan stream = recorded.Stream with { Settings = settings };
            ForecastErrors errors = new(model.Manifest);
            problem = (recorded with { Stream = stream }).Play(errors.Take);
            if (problem is not null)
            {
                break;
            }

            long weightBytes = model.CreateNetwork(VectorWidths.Best, precision).WeightBytes;
            measured.Add(new PrecisionErrors(precision, weightBytes, [.. errors.Errors]));
        }

        return measured;
    }

    private static WeightPrecision[] PrecisionsOf(Model model) => model.Precision == WeightPrecision.Float32
        ? Array.FindAll(Enum.GetValues<WeightPrecision>(), precision => model.FindReasonAgainst(precision) is null)
        : [WeightPrecision.Float32, model.Precision];
}
