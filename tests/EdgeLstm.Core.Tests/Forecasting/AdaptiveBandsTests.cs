// The bands of a model's outputs: which outputs learn, which lie between quantiles, when they may learn, carrying over.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Forecasting;

public class AdaptiveBandsTests
{
    private static readonly ResidualManifest Calibration = new(1000, 0, 1, [0.5, 0.1, 0.01], [0.4, 1.2, 2.5]);

    // Of t: a point 1 ahead with calibration, a median 3 ahead between quantiles.
    private static readonly ModelManifest Manifest = TinyModel.Manifest(
        [TinyModel.Plain("p"), TinyModel.Plain("t")],
        [
            TinyModel.Plain("t", 1, Calibration),
            TinyModel.Plain("t", 3) with { Quantile = 0.2 },
            TinyModel.Plain("t", 3) with { Quantile = 0.1 },
            TinyModel.Plain("t", 3) with { Quantile = 0.5 },
            TinyModel.Plain("t", 3) with { Quantile = 0.9 },
            TinyModel.Plain("t", 1) with { Quantile = 0.95 },
        ]);

    [Fact]
    public void At_first_a_band_is_that_of_the_calibration_or_of_the_models_quantiles()
    {
        (float[] low, float[] high) = Step(new AdaptiveBands(Manifest), 0, 0, [10, 8, 7, 10, 13, 12]);
        Assert.Equal([8.8f, float.NaN, float.NaN, 7, float.NaN, float.NaN], low);
        Assert.Equal([11.2f, float.NaN, float.NaN, 13, float.NaN, float.NaN], high);
    }

    [Fact]
    public void Quantile_outputs_that_cross_give_a_band_of_no_width()
    {
        (float[] low, float[] high) = Step(new AdaptiveBands(Manifest), 0, 0, [10, 8, 13, 10, 7, 12]);
        Assert.Equal(10, low[3]);
        Assert.Equal(10, high[3]);
    }

    [Fact]
    public void Both_kinds_of_bands_come_to_hold_what_was_asked_and_say_so()
    {
        AdaptiveBands bands = new(Manifest);
        Noise noise = new(1);
        (int inside, int judged) = (0, 0);
        Queue<(float[] Low, float[] High)> made = new();
        for (int i = 0; i < 10_000; i++)
        {
            float t = (float)noise.Normal();
            if (made.Count == 3 && i >= 1000)
            {
                (float[] dueLow, float[] dueHigh) = made.Peek();
                judged++;
                inside += t >= dueLow[3] && t <= dueHigh[3] ? 1 : 0;
            }

            if (made.Count == 3)
            {
                made.Dequeue();
            }

            // Constant forecasts, quantiles far too narrow.
            made.Enqueue(Step(bands, i * 60, t, [0, -0.2f, -0.3f, 0, 0.3f, 0]));
        }

        Assert.InRange((double)inside / judged, 0.89, 0.91);
        (float[] low, float[] high) = made.Last();
        Assert.Equal(-1.645f, low[0], 0.3f);
        Assert.Equal(1.645f, high[0], 0.3f);
        Assert.Equal(-1.645f, low[3], 0.3f);
        Assert.Equal(1.645f, high[3], 0.3f);
        foreach (int output in new[] { 0, 3 })
        {
            CoverageTracker achieved = bands.CoverageOf(output)!;
            Assert.InRange(achieved.Count, 23 * 60, 24 * 60);
            Assert.InRange(achieved.Achieved, 0.87, 0.93);
            Assert.Equal(0.9, achieved.Nominal);
        }

        Assert.Null(bands.CoverageOf(1));
        Assert.Null(bands.CoverageOf(5));
    }

    [Fact]
    public void Nothing_is_learned_from_what_is_not_trusted_or_missing()
    {
        AdaptiveBands bands = new(Manifest);
        for (int i = 0; i < 1000; i++)
        {
            Step(bands, i, 50, [0, 0, 0, 0, 0, 0], isTrusted: false);
            Step(bands, i, float.NaN, [0, 0, 0, 0, 0, 0]);
        }

        (float[] low, float[] high) = Step(bands, 1000, 0, [10, 8, 7, 10, 13, 12]);
        Assert.Equal(8.8f, low[0]);
        Assert.Equal(11.2f, high[0]);
        Assert.Equal(7, low[3]);
        Assert.Equal(1, bands.CoverageOf(0)!.Count);   // the last one alone
    }

    [Fact]
    public void What_nobody_measures_keeps_the_band_of_its_calibration()
    {
        ModelManifest forecast = TinyModel.Manifest([TinyModel.Plain("t")], [TinyModel.Plain("torque", 0, Calibration)]);
        AdaptiveBands bands = new(forecast with { Task = ModelTask.Regress });
        float[] low = new float[1];
        float[] high = new float[1];
        for (int i = 0; i < 100; i++)
        {
            bands.Step([5], [5], [5], i, low, high);
        }

        Assert.Equal(3.8f, low[0], 1e-5f);
        Assert.Equal(6.2f, high[0], 1e-5f);
        Assert.Null(bands.CoverageOf(0));
    }

    [Fact]
    public void Restored_bands_continue_bit_for_bit()
    {
        Noise noise = new(2);
        AdaptiveBands first = new(Manifest);
        for (int i = 0; i < 700; i++)
        {
            Step(first, i * 60, (float)noise.Normal(), [0, -1, -1, 0, 1, 1]);
        }

        StateWriter writer = new();
        first.Save(writer);
        AdaptiveBands second = new(Manifest);
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        for (int i = 700; i < 1500; i++)
        {
            float t = (float)noise.Normal();
            (float[] low, float[] high) = Step(first, i * 60, t, [0, -1, -1, 0, 1, 1]);
            (float[] secondLow, float[] secondHigh) = Step(second, i * 60, t, [0, -1, -1, 0, 1, 1]);
            Assert.Equal(low, secondLow);
            Assert.Equal(high, secondHigh);
        }

        Assert.Equal(first.CoverageOf(3)!.Achieved, second.CoverageOf(3)!.Achieved);
        Assert.Throws<FormatException>(() =>
        {
            StateReader other = new(writer.Written);
            new AdaptiveBands(TinyModel.Manifest([TinyModel.Plain("t")], [TinyModel.Plain("t", 9)])).Restore(ref other);
        });
    }

    [Fact]
    public void Step_allocates_nothing()
    {
        AdaptiveBands bands = new(Manifest);
        float[] values = [1, 2];
        float[] due = [1, 1, 1, 1, 3, 3];
        float[] low = new float[6];
        float[] high = new float[6];
        int step = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 5000; i++)
            {
                values[1] = i % 17;
                bands.Step(values, due, due, step++, low, high);
            }
        });
    }

    // The same outputs at every step, so that they are also those due.
    private static (float[] Low, float[] High) Step(
        AdaptiveBands bands, double unixSeconds, float t, float[] outputs, bool isTrusted = true)
    {
        float[] due = [.. outputs.Select(output => isTrusted ? output : float.NaN)];
        float[] low = new float[outputs.Length];
        float[] high = new float[outputs.Length];
        bands.Step([float.NaN, t], due, outputs, unixSeconds, low, high);
        return (low, high);
    }
}
