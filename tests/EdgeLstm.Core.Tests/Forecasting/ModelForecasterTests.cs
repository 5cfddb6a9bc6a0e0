// A model's forecasts that may teach: not those of a cold network, nor those made from a sample that was filled.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Forecasting;

public class ModelForecasterTests
{
    private readonly float[] _outputs = new float[2];
    private readonly float[] _due = new float[2];
    private readonly float[] _trusted = new float[2];

    [Fact]
    public void A_forecast_made_from_a_filled_sample_is_due_but_not_trusted()
    {
        ModelForecaster forecaster = Create(warmUp: 1);
        Run(forecaster, 100);
        Assert.Equal(double.NaN, Step(forecaster, float.NaN));
        Assert.Equal(_due, _trusted);   // made from measured samples
        for (int after = 1; after <= 4; after++)
        {
            double score = Step(forecaster, 1);
            Assert.Equal(after == 1, float.IsNaN(_trusted[0]));
            Assert.Equal(after == 3, float.IsNaN(_trusted[1]));
            Assert.True(float.IsFinite(_due[0]) && float.IsFinite(_due[1]));
            Assert.True(score >= 0);
        }
    }

    [Fact]
    public void A_forecast_of_a_cold_network_is_not_trusted()
    {
        ModelForecaster forecaster = Create(warmUp: 5);
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(i >= 5, forecaster.IsWarm);
            Step(forecaster, i % 3);
            Assert.Equal(i < 5, float.IsNaN(_trusted[0]));   // made one step ago, from the fifth sample on
            Assert.Equal(i < 7, float.IsNaN(_trusted[1]));
        }
    }

    [Fact]
    public void A_gap_makes_it_warm_anew_and_keeps_what_the_residuals_taught()
    {
        ModelForecaster forecaster = Create(warmUp: 5);
        Run(forecaster, 100);
        forecaster.Reset();
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(double.NaN, Step(forecaster, i % 3));
        }

        Assert.True(Step(forecaster, 1) >= 0);   // at once: the usual size of the residuals is known
    }

    [Fact]
    public void It_carries_over_bit_for_bit()
    {
        ModelForecaster first = Create(warmUp: 5);
        Run(first, 50);
        Step(first, float.NaN);
        StateWriter writer = new();
        first.Save(writer);
        ModelForecaster second = Create(warmUp: 5);
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        for (int i = 0; i < 50; i++)
        {
            double expected = Step(first, i % 7);
            float[] trusted = [.. _trusted];
            Assert.Equal(expected, Step(second, i % 7));
            Assert.Equal(trusted, _trusted);
        }
    }

    private static ModelForecaster Create(int warmUp) => new(
        TinyModel.Manifest([TinyModel.Plain("t")], [TinyModel.Plain("t", 1), TinyModel.Plain("t", 3)], warmUp),
        TinyModel.Dense(1, 2, [1, 1], [0, 0]),
        DetectorSettings.Default);

    private double Step(ModelForecaster forecaster, float value) =>
        forecaster.Step([value], [float.IsNaN(value) ? 0 : value], _outputs, _due, _trusted);

    private void Run(ModelForecaster forecaster, int rows)
    {
        for (int i = 0; i < rows; i++)
        {
            Step(forecaster, i % 5);
        }
    }
}
