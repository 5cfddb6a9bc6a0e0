// Forecast errors of a stream, held against sums done by hand.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Evaluation;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Evaluation;

public class ForecastErrorsTests
{
    private readonly ForecastErrors _errors = new(Manifest(null));

    [Fact]
    public void A_forecast_is_compared_with_the_value_that_came_as_many_samples_later()
    {
        // Forecasts one and two samples ahead; the first value nobody foretold.
        Take(10, 11, 12);
        Take(12, 13, 15);
        Take(13, 99, 99);
        Assert.Equal(
            [("mae", 0.5, 2), ("rmse", Math.Sqrt(0.5), 2), ("mae", 1, 1), ("rmse", 1, 1)],
            _errors.Errors.Select(error => (error.Metric, error.Value, error.Forecasts)));
    }

    [Fact]
    public void Only_forecasts_of_a_live_stream_for_measured_samples_count()
    {
        Take(10, 11, 99, StreamStatus.Warming);
        Take(10, 12, 99);
        Take(float.NaN, 13, 99, StreamStatus.Filling);
        Take(10, 14, 99);
        Take(15, 99, 99);
        Assert.Equal([("mae", 1, 1), ("rmse", 1, 1)], Of(0));
    }

    [Fact]
    public void What_was_forecast_before_a_stream_was_lost_is_forgotten()
    {
        Take(10, 11, 12);
        Take(float.NaN, float.NaN, float.NaN, StreamStatus.Stale);
        Take(10, 12, 12);
        Take(10, 12, 12);
        Assert.Equal([("mae", 2, 1), ("rmse", 2, 1)], Of(0));
        Assert.All(_errors.Errors.Where(error => error.Output == 1), error => Assert.Equal(0, error.Forecasts));
    }

    [Fact]
    public void A_quantile_has_pinball_loss_and_the_median_the_errors_of_a_point_forecast()
    {
        ForecastErrors errors = new(Manifest(0.9));
        Take(errors, 0, 10, 10, StreamStatus.Live);
        Take(errors, 11, 10, 10, StreamStatus.Live);
        Take(errors, 9, 10, 10, StreamStatus.Live);
        ForecastError pinball = errors.Errors.First();
        Assert.Equal(("pinball", 2), (pinball.Metric, pinball.Forecasts));
        Assert.Equal((0.9 + 0.1) / 2, pinball.Value, 1e-12);
        Assert.Equal(["mae", "rmse"], new ForecastErrors(Manifest(0.5)).Errors.Take(2).Select(error => error.Metric));
    }

    private static ModelManifest Manifest(double? quantile) => new(
        1, "two", ModelTask.Forecast, 1000, 0,
        [new InputManifest("x", "1", 0, 1)],
        [new LayerManifest("head", LayerKind.Dense, 1, 2, Activation: Activation.Linear)],
        [new OutputManifest("x", "1", 1, 0, 1, Quantile: quantile), new OutputManifest("x", "1", 2, 0, 1)],
        new GoldenManifest(1e-5), new ProvenanceManifest("none", new string('a', 64), "hand", "1", "2026-11-21"));

    private IEnumerable<(string, double, long)> Of(int output) =>
        _errors.Errors.Where(error => error.Output == output).Select(error => (error.Metric, error.Value, error.Forecasts));

    private void Take(float value, float next, float second, StreamStatus status = StreamStatus.Live) =>
        Take(_errors, value, next, second, status);

    private static void Take(ForecastErrors errors, float value, float next, float second, StreamStatus status)
    {
        StreamRecord record = new(1, 2) { Status = status };
        record.Values[0] = value;
        record.Outputs[0] = next;
        record.Outputs[1] = second;
        errors.Take(record);
    }
}
