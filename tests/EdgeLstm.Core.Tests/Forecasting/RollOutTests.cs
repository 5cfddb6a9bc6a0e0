// The free-running forecast: by hand, against a second network that is really fed its own outputs, and what it leaves untouched.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.Tests.Models;

namespace EdgeLstm.Core.Tests.Forecasting;

public class RollOutTests
{
    public static TheoryData<string, int?> Models => new()
    {
        { "lstm", null }, { "gru", null }, { "conv1d", null }, { "two layers", null },
        { "lstm", 7 }, { "gru", 2 }, { "conv1d", 7 }, { "two layers", 5 },
    };

    [Fact]
    public void Each_step_is_fed_the_one_before_it()
    {
        ModelManifest manifest = TinyModel.Manifest([TinyModel.Plain("t")], [TinyModel.Plain("t", 1)]);
        Network network = TinyModel.Leaky(-0.5f, 1);   // h ← max(x − h/2, 0),  y = h
        float[] y = new float[1];
        network.Step([8], y);
        float[] path = new float[5];
        Assert.Equal(5, new RollOut(manifest, network).Run([8], y, path));
        Assert.Equal([8, 4, 2, 1, 0.5f], path);
    }

    [Fact]
    public void Units_differences_clips_and_channels_without_a_forecast_are_respected()
    {
        // a' = (a − 20)/10;  raw = [a', a' + b, b];  a(t+1) = raw₀/0.5 + a, at most 45;  b is forecast 4 ahead only: held.
        ModelManifest manifest = TinyModel.Manifest(
            [new InputManifest("a", "°C", 20, 0.1), TinyModel.Plain("b")],
            [
                TinyModel.Plain("b", 4),
                new OutputManifest("a", "°C", 1, 0, 0.5, Quantile: 0.9),
                new OutputManifest("a", "°C", 1, 0, 0.5, RelativeTo: "a", ClipMaximum: 45),
            ]);
        Network network = TinyModel.Dense(2, 3, [1, 0, 1, 1, 1, 0], [0, 0, 0]);
        RollOut rollOut = new(manifest, network);
        Assert.Equal([2, -1], rollOut.OutputOfChannel.ToArray());

        float[] outputs = new float[3];
        new Forecaster(manifest, network).Step([30, 7], outputs, new float[3]);
        float[] path = new float[12];
        Assert.Equal(6, rollOut.Run([30, 7], outputs, path));
        float[] expected = new float[6];
        float a = 30;
        for (int i = 0; i < 6; i++)
        {
            a = expected[i] = Math.Min(45, ((a - 20) * 0.1f / 0.5f) + a);
            Assert.Equal(expected[i], path[2 * i], 1e-4f);
            Assert.Equal(7, path[(2 * i) + 1]);
        }

        Assert.Equal(45, path[10]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_path_is_that_of_a_network_really_fed_its_own_outputs(string kind, int? window)
    {
        Model model = Load(kind, window);
        ISequenceModel network = model.CreateNetwork(VectorWidths.Best);
        Forecaster forecaster = new(model.Manifest, network);
        RollOut rollOut = new(model.Manifest, network);
        for (int history = 1; history < 20; history++)
        {
            float[] outputs = Step(forecaster, Value(history));
            float[] path = new float[15];
            Assert.Equal(15, rollOut.Run([Value(history)], outputs, path));

            Forecaster other = new(model.Manifest, model.CreateNetwork(VectorWidths.Best));
            float[] fed = [];
            for (int i = 1; i <= history; i++)
            {
                fed = Step(other, Value(i));
            }

            foreach (float value in path)
            {
                Assert.Equal(fed[0], value);
                fed = Step(other, fed[0]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_carried_state_goes_on_bit_for_bit_as_if_nothing_had_run(string kind, int? window)
    {
        Model model = Load(kind, window);
        ISequenceModel network = model.CreateNetwork(VectorWidths.Best);
        Forecaster disturbed = new(model.Manifest, network);
        Forecaster alone = new(model.Manifest, model.CreateNetwork(VectorWidths.Best));
        RollOut rollOut = new(model.Manifest, network);
        float[] path = new float[9];
        for (int i = 0; i < 40; i++)
        {
            float[] outputs = Step(disturbed, Value(i));
            Assert.Equal(Step(alone, Value(i)), outputs);
            rollOut.Run([Value(i)], outputs, path);
        }
    }

    [Fact]
    public void A_path_that_leaves_the_numbers_ends_there_and_the_state_is_kept()
    {
        ModelManifest manifest = TinyModel.Manifest([TinyModel.Plain("t")], [TinyModel.Plain("t", 1)]);
        Network network = TinyModel.Leaky(1e10f, 1);   // h ← x + 10¹⁰·h
        float[] y = new float[1];
        network.Step([1], y);
        float[] path = new float[8];
        Assert.Equal(4, new RollOut(manifest, network).Run([1], y, path));   // 1, 1e10, 1e20, 1e30, then beyond a float
        Assert.All(path[..4], value => Assert.True(float.IsFinite(value)));
        Assert.All(path[4..], value => Assert.Equal(float.NaN, value));
        network.Step([0], y);
        Assert.Equal(1e10f, y[0], 1e5f);
    }

    [Fact]
    public void Without_a_forecast_to_start_from_there_is_no_path()
    {
        ModelManifest manifest = TinyModel.Manifest([TinyModel.Plain("t")], [TinyModel.Plain("t", 1)]);
        float[] path = [1, 2];
        Assert.Equal(0, new RollOut(manifest, TinyModel.Leaky(1, 1)).Run([1], [float.NaN], path));
        Assert.Equal([float.NaN, float.NaN], path);
        Assert.Equal(0, new RollOut(manifest, TinyModel.Leaky(1, 1)).Run([1], [1], []));
    }

    [Fact]
    public void A_model_without_a_one_step_output_is_refused()
    {
        ModelManifest manifest = TinyModel.Manifest(
            [TinyModel.Plain("t")],
            [TinyModel.Plain("t", 6), TinyModel.Plain("t", 1) with { Quantile = 0.1 }, TinyModel.Plain("t", 3)]);
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => new RollOut(manifest, TinyModel.Dense(1, 3, [1, 1, 1], [0, 0, 0])));
        Assert.StartsWith(
            "model 'tiny' cannot run on by itself: it has no point or median output one step ahead; its outputs are: "
            + "t 6 steps ahead, t 1 step ahead (quantile 0.1), t 3 steps ahead.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_another_model_and_rows_of_another_length_are_refused()
    {
        ModelManifest manifest = TinyModel.Manifest([TinyModel.Plain("t"), TinyModel.Plain("p")], [TinyModel.Plain("t", 1)]);
        Assert.Throws<ArgumentException>(() => new RollOut(manifest, TinyModel.Dense(1, 1, [1], [0])));
        RollOut rollOut = new(manifest, TinyModel.Dense(2, 1, [1, 1], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rollOut.Run([1], [1], new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rollOut.Run([1, 2], [1, 2], new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rollOut.Run([1, 2], [1], new float[3]));
    }

    [Fact]
    public void A_manifest_is_extended_by_what_the_model_does_not_forecast_itself()
    {
        ModelManifest manifest = TinyModel.Manifest(
            [new InputManifest("a", "°C", 20, 0.1), TinyModel.Plain("b")],
            [new OutputManifest("a", "°C", 1, 0, 1), new OutputManifest("a", "°C", 6, 0, 1), TinyModel.Plain("b", 4)]);
        ModelManifest extended = RollOut.Extend(manifest, [3, 6, 12]);
        Assert.Equal(
            ["a 1", "a 6", "b 4", "a 3", "a 12"], extended.Outputs.Select(output => $"{output.Name} {output.Horizon}"));
        Assert.Equal("°C", extended.Outputs[^1].Unit);
        Assert.Equal(manifest.Outputs, RollOut.Extend(manifest, []).Outputs);
        Assert.Throws<ArgumentOutOfRangeException>(() => RollOut.Extend(manifest, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RollOut.Extend(manifest, [RollOut.MaxSteps + 1]));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_forecaster_that_runs_on_gives_the_path_and_steps_as_one_that_does_not(string kind, int? window)
    {
        Model model = Load(kind, window);
        ModelManifest extended = RollOut.Extend(model.Manifest, [3, 7]);
        int own = model.Manifest.Outputs.Count;
        Assert.Equal(own + 2, extended.Outputs.Count);
        Forecaster plain = new(model.Manifest, model.CreateNetwork(VectorWidths.Best));
        ISequenceModel network = model.CreateNetwork(VectorWidths.Best);
        Forecaster runsOn = new(model.Manifest, network, extended);
        RollOut rollOut = new(model.Manifest, network);
        float[] path = new float[7];
        float[] outputs = new float[own + 2];
        float[] due = new float[own + 2];
        float[][] made = new float[40][];
        for (int i = 0; i < made.Length; i++)
        {
            runsOn.Step([Value(i)], outputs, due);
            Assert.Equal(Step(plain, Value(i)), outputs[..own]);
            rollOut.Run([Value(i)], outputs.AsSpan(0, own), path);
            Assert.Equal([path[2], path[6]], outputs[own..]);
            made[i] = [.. outputs];
            Assert.Equal(i < 3 ? float.NaN : made[i - 3][own], due[own]);
            Assert.Equal(i < 7 ? float.NaN : made[i - 7][own + 1], due[own + 1]);
        }

        Allocation.AssertNone(() => runsOn.Step([20], outputs, due));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7)]
    public void Run_allocates_nothing(int? window)
    {
        Model model = Load("gru", window);
        ISequenceModel network = model.CreateNetwork(VectorWidths.Best);
        RollOut rollOut = new(model.Manifest, network);
        float[] values = [20];
        float[] outputs = [20.5f, 21];
        float[] path = new float[12];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                rollOut.Run(values, outputs, path);
            }
        });
    }

    private static Model Load(string kind, int? window)
    {
        LayerManifest[] layers = kind switch
        {
            "lstm" => [new("a", LayerKind.Lstm, 1, 5)],
            "gru" => [new("a", LayerKind.Gru, 1, 5, Reset: GruReset.After)],
            "conv1d" => [new("a", LayerKind.Conv1d, 1, 5, Activation: Activation.Tanh, KernelSize: 3, Dilation: 2)],
            _ => [new("b", LayerKind.Lstm, 1, 9), new("d", LayerKind.Gru, 9, 17, Reset: GruReset.Before)],
        };
        ModelManifest manifest = SmallModel.With(layers) with { Window = window, WarmUpSamples = 8 };
        return ModelFile.Load("x", ModelFile.ToBytes(manifest, SmallModel.Tensors(manifest)));
    }

    private static float Value(int i) => 20 + (9 * MathF.Sin(i));

    private static float[] Step(Forecaster forecaster, float value)
    {
        float[] outputs = new float[forecaster.OutputCount];
        forecaster.Step([value], outputs, new float[forecaster.OutputCount]);
        return outputs;
    }
}
