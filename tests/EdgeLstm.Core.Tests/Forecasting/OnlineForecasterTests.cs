// Streams without a model: what they forecast, when they may be trusted, gaps, carrying over.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Forecasting;

public class OnlineForecasterTests
{
    private const int WarmUp = 600;
    private const int Bucket = 10;

    private static readonly ModelManifest Manifest = OnlineManifest.Create(
        [TinyModel.Plain("a"), TinyModel.Plain("b")], 1000, WarmUp, DetectorSettings.Default);

    private readonly float[] _outputs = new float[6];
    private readonly float[] _due = new float[6];
    private readonly float[] _trusted = new float[6];
    private int _row;

    [Fact]
    public void The_manifest_has_every_channel_at_every_horizon_in_samples()
    {
        Assert.Equal(
            ["a 10", "a 60", "a 120", "b 10", "b 60", "b 120"],
            Manifest.Outputs.Select(output => $"{output.Name} {output.Horizon}"));
        Assert.Equal((WarmUp, ModelTask.Forecast), (Manifest.WarmUpSamples, Manifest.Task));
    }

    [Fact]
    public void Nothing_is_said_before_the_warm_up_and_forecasts_are_good_after_it()
    {
        OnlineForecaster forecaster = Create();
        for (int i = 0; i < WarmUp; i++)
        {
            Assert.False(forecaster.IsWarm);
            Assert.Equal(double.NaN, Step(forecaster));
        }

        Assert.True(forecaster.IsWarm);
        double worst = 0;
        for (int i = 0; i < 3000; i++)
        {
            double score = Step(forecaster);
            worst = i < 2000 ? 0 : Math.Max(worst, Math.Abs(_due[0] - Value(_row - 1)));
            Assert.True(i < 200 || score >= 0);
        }

        Assert.InRange(worst, 0, 2);   // of a swing of ±10 that moves by 1 in a bucket
        Assert.Equal([0, 3], forecaster.OutputOfChannel.ToArray());
    }

    [Fact]
    public void Forecasts_are_held_from_one_buckets_end_to_the_next()
    {
        OnlineForecaster forecaster = Create();
        Run(forecaster, WarmUp + (5 * Bucket));
        float held = _outputs[0];
        for (int i = 1; i < Bucket; i++)
        {
            Step(forecaster);
            Assert.Equal(held, _outputs[0]);
        }

        Step(forecaster);
        Assert.NotEqual(held, _outputs[0]);
        Assert.Equal(Bucket, forecaster.SamplesPerScore);
    }

    [Fact]
    public void A_missing_sample_has_no_score_and_what_was_forecast_from_it_is_not_trusted()
    {
        OnlineForecaster forecaster = Create();
        Run(forecaster, WarmUp + 300);
        Assert.Equal(_due[0], _trusted[0]);
        Assert.Equal(double.NaN, Step(forecaster, float.NaN));
        for (int i = 1; i <= Bucket; i++)
        {
            Step(forecaster);
            Assert.Equal(i == Bucket, float.IsNaN(_trusted[0]));
            Assert.True(float.IsFinite(_due[0]));
        }
    }

    [Fact]
    public void A_gap_forgets_the_forecasts_made_but_not_what_was_learned()
    {
        OnlineForecaster forecaster = Create();
        Run(forecaster, WarmUp + 2000);
        forecaster.Reset();
        Assert.Equal(float.NaN, forecaster.Expected(0));
        for (int i = 0; i < DetectorSettings.Default.Lags * Bucket; i++)
        {
            Assert.False(forecaster.IsWarm);
            Assert.Equal(double.NaN, Step(forecaster));
        }

        Assert.True(forecaster.IsWarm);
        Assert.True(Step(forecaster) >= 0);
    }

    [Theory]
    [InlineData(123)]
    [InlineData(WarmUp + 505)]
    public void It_carries_over_bit_for_bit(int rows)
    {
        OnlineForecaster first = Create();
        Run(first, rows);
        StateWriter writer = new();
        first.Save(writer);
        OnlineForecaster second = Create();
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        int at = _row;
        string expected = Trace(first);
        _row = at;
        Assert.Equal(expected, Trace(second));
    }

    [Fact]
    public void Stepping_allocates_nothing()
    {
        OnlineForecaster forecaster = Create();
        Run(forecaster, WarmUp + 100);
        float[] values = [1, 2];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 5000; i++)
            {
                values[0] = i % 31;
                forecaster.Step(values, values, _outputs, _due, _trusted);
            }
        });
    }

    private static OnlineForecaster Create() => new(Manifest, DetectorSettings.Default);

    private static float Value(int row) => 10 * MathF.Sin(row * 0.01f);

    private double Step(OnlineForecaster forecaster, float? value = null)
    {
        float a = value ?? Value(_row);
        float b = value ?? (Value(_row) / 2) + (_row % 7);
        float[] filled = [float.IsNaN(a) ? 0 : a, float.IsNaN(b) ? 0 : b];
        _row++;
        return forecaster.Step([a, b], filled, _outputs, _due, _trusted);
    }

    private void Run(OnlineForecaster forecaster, int rows)
    {
        for (int i = 0; i < rows; i++)
        {
            Step(forecaster);
        }
    }

    private string Trace(OnlineForecaster forecaster)
    {
        List<string> rows = [];
        for (int i = 0; i < 700; i++)
        {
            double score = Step(forecaster, i == 50 ? float.NaN : null);
            rows.Add($"{score:R} {string.Join(' ', _outputs)} {string.Join(' ', _due)} "
                + string.Join(' ', forecaster.Contributions.ToArray()));
        }

        return string.Join('\n', rows);
    }
}
