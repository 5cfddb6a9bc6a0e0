// Model files with a window, from golden vectors to the forecaster: outputs are those of the latest T samples from a zero state.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Models;

public sealed class WindowedModelTests
{
    private const int Window = 7;

    private static readonly ModelManifest Windowed = SmallModel.Manifest with { Window = Window };

    public static TheoryData<string> Kinds =>
        ["lstm", "peepholes", "gru after", "gru before", "rnn", "conv1d", "conv1d and lstm", "two layers"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Golden_outputs_are_those_of_windows_stepped_anew(string kind)
    {
        ModelManifest manifest = SmallModel.With(Stack(kind)) with { Window = Window };
        byte[] bytes = ModelFile.ToBytes(manifest, SmallModel.Tensors(manifest));
        foreach (VectorWidth width in VectorWidths.Supported)
        {
            Model model = ModelFile.Load("x", bytes, width);
            Assert.InRange(model.GoldenDeviation.MaxScaled, 0, 1e-5);
            Assert.Equal(Window, Assert.IsType<SlidingWindow>(model.CreateNetwork(width)).Length);
        }
    }

    [Fact]
    public void Golden_outputs_of_a_carried_state_are_refused_after_the_first_window()
    {
        List<Tensor> carried = SmallModel.Tensors(SmallModel.Manifest);
        string refusal = Refusal(Windowed, carried);
        Assert.Matches("of step ([7-9]|1[0-5]) is ", refusal);
        Assert.EndsWith("or these are not outputs of windows of 7 samples.", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Golden_outputs_of_windows_are_refused_without_the_window()
    {
        string refusal = Refusal(SmallModel.Manifest, SmallModel.Tensors(Windowed));
        Assert.EndsWith("The weights are damaged or were converted wrongly.", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(1041)]
    public void Golden_vectors_must_see_the_window_move(int steps)
    {
        ModelManifest manifest = SmallModel.Manifest with { Window = 16, WarmUpSamples = 16 };
        List<Tensor> tensors = SmallModel.Tensors(manifest);
        tensors[^2] = new Tensor("golden.inputs", [steps, 1], new float[steps]);
        Assert.Equal(
            $"x: tensor 'golden.inputs' has {steps} steps; expected 17 to 1040.", Refusal(manifest, tensors));
    }

    [Fact]
    public void The_forecaster_answers_from_the_latest_window_alone()
    {
        Model model = Load();
        Forecaster forecaster = Create(model);
        float[] values = [.. Enumerable.Range(0, 40).Select(i => 20 + (9 * MathF.Sin(i)))];
        for (int end = 1; end <= values.Length; end++)
        {
            float[] found = Run(forecaster, values[(end - 1)..end]);
            Network fresh = new([.. model.CreateNetwork(VectorWidths.Best).Layers]);
            float[] raw = new float[2];
            foreach (float value in values[Math.Max(0, end - Window)..end])
            {
                fresh.Step([Windowed.Inputs[0].Standardize(value)], raw);
            }

            float[] expected = [.. raw.Select((y, k) => Windowed.Outputs[k].ToPhysical(y, values[end - 1]))];
            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public void A_forecaster_restored_in_mid_window_continues_bit_for_bit()
    {
        Model model = Load();
        for (int cut = 0; cut < 3 * Window; cut++)
        {
            Forecaster first = Create(model);
            Run(first, Values(0, cut));
            Forecaster second = Create(model);
            Run(second, Values(500, 511));   // whatever it did before is overwritten
            StateReader reader = new(Saved(first));
            second.Restore(ref reader);
            Assert.True(reader.AtEnd);
            Assert.Equal(Run(first, Values(cut, cut + 20)), Run(second, Values(cut, cut + 20)));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Window - 1)]
    [InlineData(Window + 1)]
    public void State_of_another_window_is_refused(int? other)
    {
        byte[] saved = Saved(Create(Load(SmallModel.Manifest with { Window = other })));
        FormatException refused = Assert.Throws<FormatException>(() =>
        {
            StateReader reader = new(saved);
            Create(Load()).Restore(ref reader);
        });
        Assert.Equal($"a saved row has {(other is int window ? (2 * window) + 1 : 2)} figures; expected 15", refused.Message);
    }

    [Fact]
    public void State_with_an_impossible_position_is_refused()
    {
        StateWriter writer = new();
        writer.Write([.. new float[14], 14]);
        writer.Write([float.NaN]);
        writer.Write(0L);
        writer.Write([float.NaN]);
        writer.Write(new float[12]);
        byte[] saved = writer.Written.ToArray();
        FormatException refused = Assert.Throws<FormatException>(() =>
        {
            StateReader reader = new(saved);
            Create(Load()).Restore(ref reader);
        });
        Assert.Contains("must be a whole number below 14; got 14", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reset_forecaster_begins_its_first_window_again()
    {
        Forecaster forecaster = Create(Load());
        Run(forecaster, Values(0, 30));
        forecaster.Reset();
        Assert.Equal(Run(Create(Load()), Values(3, 20)), Run(forecaster, Values(3, 20)));
    }

    private static LayerManifest[] Stack(string kind) => kind switch
    {
        "lstm" => [new("a", LayerKind.Lstm, 1, 5)],
        "peepholes" => [new("a", LayerKind.Lstm, 1, 5, Peepholes: true)],
        "gru after" => [new("a", LayerKind.Gru, 1, 5, Reset: GruReset.After)],
        "gru before" => [new("a", LayerKind.Gru, 1, 5, Reset: GruReset.Before)],
        "rnn" => [new("a", LayerKind.Rnn, 1, 5, Activation: Activation.Tanh)],
        "conv1d" => [new("a", LayerKind.Conv1d, 1, 5, Activation: Activation.Tanh, KernelSize: 3, Dilation: 2)],
        "conv1d and lstm" =>
        [
            new("a", LayerKind.Scale, 1, 1), new("b", LayerKind.Conv1d, 1, 5, Activation: Activation.Relu, KernelSize: 4),
            new("c", LayerKind.LayerNorm, 5, 5, Epsilon: 0.01), new("d", LayerKind.Lstm, 5, 3),
            new("e", LayerKind.Activation, 3, 3, Activation: Activation.Elu),
        ],
        _ =>
        [
            new("a", LayerKind.Dense, 1, 3, Activation: Activation.Tanh), new("b", LayerKind.Lstm, 3, 9),
            new("c", LayerKind.Dense, 9, 4, Activation: Activation.Relu), new("d", LayerKind.Gru, 4, 17, Reset: GruReset.After),
        ],
    };

    private static Model Load(ModelManifest? manifest = null) =>
        ModelFile.Load("x", ModelFile.ToBytes(manifest ?? Windowed, SmallModel.Tensors(manifest ?? Windowed)));

    private static Forecaster Create(Model model) => new(model.Manifest, model.CreateNetwork(VectorWidths.Best));

    private static string Refusal(ModelManifest manifest, List<Tensor> tensors) => Assert.Throws<ModelFileException>(
        () => ModelFile.Load("x", ModelFile.ToBytes(manifest, tensors))).Message;

    private static byte[] Saved(Forecaster forecaster)
    {
        StateWriter writer = new();
        forecaster.Save(writer);
        return writer.Written.ToArray();
    }

    private static float[] Values(int from, int to) =>
        [.. Enumerable.Range(from, to - from).Select(i => 20 + (9 * MathF.Sin(i)))];

    private static float[] Run(Forecaster forecaster, float[] values)
    {
        List<float> found = [];
        float[] outputs = new float[2];
        foreach (float value in values)
        {
            forecaster.Step([value], outputs, new float[2]);
            found.AddRange(outputs);
        }

        return [.. found];
    }
}
