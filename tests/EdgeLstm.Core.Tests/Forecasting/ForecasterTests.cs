// The forecaster: physical units by hand, which forecast was made for which sample, falling back, resetting, carrying over.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;
using EdgeLstm.Core.Tests.Models;

namespace EdgeLstm.Core.Tests.Forecasting;

public sealed class ForecasterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-forecaster-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Inputs_are_standardised_and_outputs_come_in_physical_units()
    {
        ModelManifest manifest = TinyModel.Manifest(
            [new InputManifest("t", "°C", 20, 0.1), new InputManifest("p", "bar", 0, 2)],
            [
                new OutputManifest("t", "°C", 1, 5, 0.5),                                     // raw / 0.5 + 5
                new OutputManifest("t", "°C", 2, 0, 0.5, RelativeTo: "t"),                     // raw / 0.5 + t
                new OutputManifest("p", "bar", 1, 1, 4, RelativeTo: "p", ClipMaximum: 3),
                new OutputManifest("p", "bar", 2, -100, 1, ClipMinimum: 0),
            ]);
        // raw: t' + p',  t',  p',  p'   with  t' = (t − 20)/10,  p' = 2·p
        Forecaster forecaster = new(manifest, TinyModel.Dense(2, 4, [1, 1, 1, 0, 0, 1, 0, 1], [0, 0.5f, 0, 0]));

        float[] outputs = Step(forecaster, 40, 3);   // t' = 2, p' = 6

        Assert.Equal((8 / 0.5f) + 5, outputs[0], 1e-5f);
        Assert.Equal((2.5f / 0.5f) + 40, outputs[1], 1e-5f);
        Assert.Equal(3, outputs[2]);   // 6/4 + 1 + 3 = 5.5 is above what is possible
        Assert.Equal(0, outputs[3]);   // 6 − 100 is below
    }

    [Fact]
    public void A_model_from_a_file_gives_the_figures_of_its_network_in_physical_units()
    {
        Model model = ModelFile.Save(Path.Combine(_folder, "m.safetensors"), SmallModel.Manifest,
            SmallModel.Tensors(SmallModel.Manifest));
        Forecaster forecaster = new(model.Manifest, model.CreateNetwork(VectorWidth.Bits128));
        var network = model.CreateNetwork(VectorWidth.Bits128);
        float[] raw = new float[2];
        for (int i = 0; i < 20; i++)
        {
            float t = 20 + (i % 5);
            network.Step([(t - 20) * 0.1f], raw);
            float[] outputs = Step(forecaster, t);
            Assert.Equal(Math.Clamp((raw[0] / 0.5f) + t, -40, 125), outputs[0], 1e-4f);
            Assert.Equal((raw[1] / 0.1f) + 20, outputs[1], 1e-4f);
        }
    }

    [Fact]
    public void The_forecast_due_for_a_sample_is_the_one_made_a_horizon_ago()
    {
        int[] horizons = [1, 3, 7];
        Forecaster forecaster = TinyModel.Repeating(horizons);
        float[] due = new float[3];
        for (int i = 0; i < 50; i++)
        {
            forecaster.Step([i], new float[3], due);
            for (int output = 0; output < 3; output++)
            {
                Assert.Equal(i < horizons[output] ? float.NaN : i - horizons[output], due[output]);
            }
        }
    }

    [Fact]
    public void An_output_about_now_is_due_at_once()
    {
        Forecaster forecaster = TinyModel.Repeating(0, 2);
        float[] due = new float[2];
        forecaster.Step([4], new float[2], due);
        Assert.Equal([4, float.NaN], due);
        Assert.Equal(4, forecaster.Expected(0));
    }

    [Fact]
    public void The_nearest_point_or_median_output_stands_for_its_channel()
    {
        ModelManifest manifest = TinyModel.Manifest(
            [TinyModel.Plain("a"), TinyModel.Plain("b"), TinyModel.Plain("c")],
            [
                TinyModel.Plain("a", 6),
                TinyModel.Plain("a", 1) with { Quantile = 0.05 },
                TinyModel.Plain("a", 2) with { Quantile = 0.5 },
                TinyModel.Plain("b", 3) with { Quantile = 0.9 },
                TinyModel.Plain("c", 1),
            ]);
        Forecaster forecaster = new(manifest, TinyModel.Dense(3, 5, new float[15], new float[5]));
        Assert.Equal([2, -1, 4], forecaster.OutputOfChannel.ToArray());
    }

    [Fact]
    public void Expected_is_the_forecast_for_now_else_the_last_value_else_not_a_number()
    {
        ModelManifest manifest = TinyModel.Manifest(
            [TinyModel.Plain("t"), TinyModel.Plain("unforecast")], [TinyModel.Plain("t", 2)]);
        Forecaster forecaster = new(manifest, TinyModel.Dense(2, 1, [10, 0], [0]));
        Assert.Equal(float.NaN, forecaster.Expected(0));
        Step(forecaster, 1, 7);
        Assert.Equal(1, forecaster.Expected(0));   // the forecast made from 1 is for the sample after the next
        Step(forecaster, 2, 8);
        Assert.Equal(10, forecaster.Expected(0));
        Assert.Equal(8, forecaster.Expected(1));
    }

    [Fact]
    public void It_is_warm_after_as_many_samples_as_the_manifest_asks_for()
    {
        Forecaster forecaster = new(
            TinyModel.Manifest([TinyModel.Plain("t")], [TinyModel.Plain("t", 1)], warmUp: 3), TinyModel.Dense(1, 1, [1], [0]));
        bool[] warm = new bool[4];
        for (int i = 0; i < 4; i++)
        {
            warm[i] = forecaster.IsWarm;
            Step(forecaster, i);
        }

        Assert.Equal([false, false, false, true], warm);
    }

    [Fact]
    public void Reset_forgets_state_forecasts_last_values_and_warmth()
    {
        Forecaster forecaster = Leaky(1, 3);
        Forecaster fresh = Leaky(1, 3);
        Run(forecaster, 0, 25);
        forecaster.Reset();
        Assert.False(forecaster.IsWarm);
        Assert.Equal(float.NaN, forecaster.Expected(0));
        Assert.Equal(Run(fresh, 3, 20), Run(forecaster, 3, 20));
    }

    [Fact]
    public void A_restored_forecaster_continues_bit_for_bit()
    {
        for (int cut = 0; cut < 12; cut++)
        {
            Forecaster first = Leaky(1, 3, 7);
            Run(first, 0, cut);
            StateWriter writer = new();
            first.Save(writer);

            Forecaster second = Leaky(1, 3, 7);
            Run(second, 90, 95);   // whatever it did before is overwritten
            StateReader reader = new(writer.Written);
            second.Restore(ref reader);

            Assert.True(reader.AtEnd);
            Assert.Equal(first.IsWarm, second.IsWarm);
            Assert.Equal(Bits(first.Expected(0)), Bits(second.Expected(0)));
            Assert.Equal(Run(first, cut, 40), Run(second, cut, 40));
        }
    }

    [Fact]
    public void A_real_gru_restored_in_the_middle_continues_bit_for_bit()
    {
        Model model = ModelFile.Load("small", SmallModel.Bytes());
        Forecaster first = new(model.Manifest, model.CreateNetwork(VectorWidths.Best));
        Run(first, 0, 100);
        StateWriter writer = new();
        first.Save(writer);
        Forecaster second = new(model.Manifest, model.CreateNetwork(VectorWidths.Best));
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.Equal(Run(first, 100, 200), Run(second, 100, 200));
    }

    [Fact]
    public void State_of_a_model_with_another_horizon_is_refused()
    {
        StateWriter writer = new();
        Leaky(1, 3).Save(writer);
        Assert.Throws<FormatException>(() =>
        {
            StateReader reader = new(writer.Written);
            Leaky(1, 4).Restore(ref reader);
        });
    }

    [Fact]
    public void An_output_that_is_not_finite_resets_the_state_and_is_counted()
    {
        Forecaster forecaster = Decaying(2, 1);   // h doubles at each step until it overflows
        float[] outputs = new float[1];
        float[] due = new float[1];
        int steps = 0;
        while (forecaster.NonFinite == 0 && steps < 1000)
        {
            forecaster.Step([1], outputs, due);
            steps++;
        }

        Assert.InRange(steps, 120, 130);   // 2^128 is beyond a float
        Assert.Equal([float.NaN], outputs);
        Assert.Equal([float.NaN], due);
        Assert.False(forecaster.IsWarm);
        forecaster.Step([1], outputs, due);
        Assert.Equal([1], outputs);        // as from a zero state
        Assert.Equal([float.NaN], due);    // and no forecast from before
        Assert.Equal(1, forecaster.NonFinite);
    }

    [Fact]
    public void Step_and_Expected_allocate_nothing()
    {
        Forecaster forecaster = Leaky(1, 3, 7);
        float[] outputs = new float[3];
        float[] due = new float[3];
        float[] sample = [0.5f];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                float expected = forecaster.Expected(0);
                sample[0] = i % 2 == 0 || !float.IsFinite(expected) ? 0.1f : expected / 2;
                forecaster.Step(sample, outputs, due);
            }
        });
    }

    private static Forecaster Leaky(params int[] horizons) => Decaying(0.7f, horizons);

    private static Forecaster Decaying(float decay, params int[] horizons) => new(
        TinyModel.Manifest([TinyModel.Plain("t")], [.. horizons.Select(horizon => TinyModel.Plain("t", horizon))], warmUp: 5),
        TinyModel.Leaky(decay, horizons.Length));

    private static float[] Step(Forecaster forecaster, params float[] values)
    {
        float[] outputs = new float[forecaster.OutputCount];
        forecaster.Step(values, outputs, new float[forecaster.OutputCount]);
        return outputs;
    }

    /// <summary>Outputs and due forecasts of samples <paramref name="from"/> to <paramref name="to"/> as bits.</summary>
    private static int[] Run(Forecaster forecaster, int from, int to)
    {
        List<int> bits = [];
        float[] outputs = new float[forecaster.OutputCount];
        float[] due = new float[forecaster.OutputCount];
        for (int i = from; i < to; i++)
        {
            forecaster.Step([2 + MathF.Sin(i)], outputs, due);
            bits.AddRange(outputs.Concat(due).Select(Bits));
        }

        return [.. bits];
    }

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
