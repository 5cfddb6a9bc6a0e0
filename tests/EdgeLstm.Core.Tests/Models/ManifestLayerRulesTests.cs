// Every rule of a layer's keys, broken one at a time, and every kind with all the keys it may have.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Models;

public sealed class ManifestLayerRulesTests
{
    private const string OfRecurrent = "belongs to an lstm, gru or rnn layer only";
    private const string OfLstm = "belongs to an lstm layer only";

    private static readonly LayerManifest Lstm = new(
        "x", LayerKind.Lstm, 1, 2, Activation: Activation.Softsign, Peepholes: true,
        GateActivation: new ActivationFunction(Activation.HardSigmoid, 0.2f, 0.5f), OutputActivation: Activation.Relu, Clip: 50,
        CellClip: 3, CoupledForget: true, HiddenSize: 5, InitialState: true);

    private static readonly LayerManifest Gru = new(
        "x", LayerKind.Gru, 1, 2, Reset: GruReset.Before, Activation: Activation.Relu, GateActivation: Activation.Sigmoid,
        Clip: 1e-3, InitialState: true);

    private static readonly LayerManifest Rnn = new(
        "x", LayerKind.Rnn, 1, 2, Activation: Activation.Sigmoid, Clip: 1, InitialState: false);

    private static readonly LayerManifest Dense = new("x", LayerKind.Dense, 1, 2, Activation: Activation.Softmax);

    private static readonly LayerManifest Conv1d = new(
        "x", LayerKind.Conv1d, 1, 2, Activation: Activation.Softmax, KernelSize: 1024, Dilation: 1024);

    private static readonly LayerManifest Alone = new("x", LayerKind.Activation, 1, 1, Activation: Activation.Softmax);
    private static readonly LayerManifest Scale = new("x", LayerKind.Scale, 1, 1);
    private static readonly LayerManifest LayerNorm = new("x", LayerKind.LayerNorm, 1, 1, Epsilon: 0);

    private static readonly Dictionary<string, LayerManifest> Broken = new()
    {
        ["reset: missing; a gru layer needs it"] = Gru with { Reset = null },
        ["reset: belongs to a gru layer only"] = Lstm with { Reset = GruReset.After },

        ["activation: missing; an rnn, dense, conv1d or activation layer needs it"] = Rnn with { Activation = null },
        ["activation: missing; an rnn, dense, conv1d or activation layer needs it "] = Dense with { Activation = null },
        ["activation: missing; an rnn, dense, conv1d or activation layer needs it  "] = Conv1d with { Activation = null },
        ["activation: missing; an rnn, dense, conv1d or activation layer needs it   "] = Alone with { Activation = null },
        ["activation: does not belong to a scale layer"] = Scale with { Activation = Activation.Linear },
        ["activation: does not belong to a layerNorm layer"] = LayerNorm with { Activation = Activation.Linear },
        ["activation: must take each value alone, as tanh does; got softmax"] = Lstm with { Activation = Activation.Softmax },
        ["activation: must take each value alone, as tanh does; got softmax "] = Gru with { Activation = Activation.Softmax },
        ["activation: must take each value alone, as tanh does; got softmax  "] = Rnn with { Activation = Activation.Softmax },
        ["gateActivation: must take each value alone, as tanh does; got softmax"] =
            Gru with { GateActivation = Activation.Softmax },
        ["outputActivation: must take each value alone, as tanh does; got softmax"] =
            Lstm with { OutputActivation = Activation.Softmax },
        ["gateActivation: belongs to an lstm or gru layer only"] =
            Dense with { GateActivation = Activation.Sigmoid },
        ["gateActivation: belongs to an lstm or gru layer only "] = Alone with { GateActivation = Activation.Sigmoid },
        [$"outputActivation: {OfLstm}"] = Gru with { OutputActivation = Activation.Tanh },

        [$"peepholes: {OfLstm}"] = Gru with { Peepholes = true },
        [$"coupledForget: {OfLstm}"] = Gru with { CoupledForget = false },
        [$"initialState: {OfRecurrent}"] = Conv1d with { InitialState = true },
        [$"clip: {OfRecurrent}"] = Dense with { Clip = 1 },
        [$"cellClip: {OfLstm}"] = Gru with { CellClip = 1 },
        ["clip: must be finite and above 0; got 0"] = Lstm with { Clip = 0 },
        ["clip: must be finite and above 0; got -1"] = Gru with { Clip = -1 },
        ["clip: must be finite and above 0; got NaN"] = Rnn with { Clip = double.NaN },
        ["clip: must be finite and above 0; got Infinity"] = Rnn with { Clip = double.PositiveInfinity },
        ["clip: must be finite and above 0; got 1E+300"] = Rnn with { Clip = 1e300 },
        ["clip: must be finite and above 0; got 1E-300"] = Rnn with { Clip = 1e-300 },
        ["cellClip: must be finite and above 0; got 0"] = Lstm with { CellClip = 0 },
        ["hiddenSize: belongs to an lstm layer with a projection only"] = Gru with { HiddenSize = 4 },
        ["hiddenSize: must be from 1 to 4096; got 0"] = Lstm with { HiddenSize = 0 },
        ["hiddenSize: must be from 1 to 4096; got 4097"] = Lstm with { HiddenSize = 4097 },

        ["kernelSize: missing; a conv1d layer needs it"] = Conv1d with { KernelSize = null },
        ["kernelSize: belongs to a conv1d layer only"] = Dense with { KernelSize = 1 },
        ["dilation: belongs to a conv1d layer only"] = Dense with { Dilation = 1 },
        ["kernelSize: must be from 1 to 1024; got 0"] = Conv1d with { KernelSize = 0 },
        ["kernelSize: must be from 1 to 1024; got 1025"] = Conv1d with { KernelSize = 1025 },
        ["kernelSize: must be from 1 to 1024; got -2147483648"] = Conv1d with { KernelSize = int.MinValue },
        ["dilation: must be from 1 to 1024; got 0"] = Conv1d with { Dilation = 0 },
        ["dilation: must be from 1 to 1024; got 2147483647"] = Conv1d with { Dilation = int.MaxValue },

        ["epsilon: missing; a layerNorm layer needs it"] = LayerNorm with { Epsilon = null },
        ["epsilon: belongs to a layerNorm layer only"] = Scale with { Epsilon = 0.1 },
        ["epsilon: must be finite and at least 0; got -1E-05"] = LayerNorm with { Epsilon = -1e-5 },
        ["epsilon: must be finite and at least 0; got NaN"] = LayerNorm with { Epsilon = double.NaN },
        ["epsilon: must be finite and at least 0; got 1E+300"] = LayerNorm with { Epsilon = 1e300 },

        ["outputSize: of an activation layer must be its inputSize, 1; got 2"] = Alone with { OutputSize = 2 },
        ["outputSize: of a scale layer must be its inputSize, 1; got 3"] = Scale with { OutputSize = 3 },
        ["outputSize: of a layerNorm layer must be its inputSize, 1; got 4096"] = LayerNorm with { OutputSize = 4096 },
    };

    public static TheoryData<string> Problems => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Problems))]
    public void Every_broken_rule_is_listed_with_its_path(string problem) =>
        Assert.Equal([$"layers[0].{problem.TrimEnd()}"], SmallModel.With(Broken[problem]).FindProblems());

    [Fact]
    public void Every_kind_may_have_all_of_its_keys()
    {
        foreach (LayerManifest layer in new[] { Lstm, Gru, Rnn, Dense, Conv1d, Alone, Scale, LayerNorm })
        {
            Assert.Empty(SmallModel.With(layer).FindProblems());
        }
    }

    [Fact]
    public void A_kernel_that_sees_too_many_values_is_refused()
    {
        ModelManifest wide = SmallModel.With(
            new LayerManifest("a", LayerKind.Dense, 1, 4096, Activation: Activation.Relu),
            new LayerManifest("b", LayerKind.Conv1d, 4096, 1, Activation: Activation.Relu, KernelSize: 65));
        Assert.Equal(["layers[1].kernelSize: 65 samples of 4096 values are more than 262144"], wide.FindProblems());
    }

    [Fact]
    public void The_state_of_all_layers_and_windows_has_a_limit()
    {
        LayerManifest conv = new("b", LayerKind.Conv1d, 512, 512, Activation: Activation.Relu, KernelSize: 5, Dilation: 1024);
        ModelManifest two = SmallModel.With(
            new LayerManifest("a", LayerKind.Dense, 1, 512, Activation: Activation.Relu), conv, conv with { Name = "c" });
        Assert.Empty(two.FindProblems());
        ModelManifest three = SmallModel.With([.. two.Layers.Take(3), new LayerManifest("d", LayerKind.Lstm, 512, 1)]);
        Assert.Equal(["layers: carry 4194306 values of state together; the limit is 4194304"], three.FindProblems());
        Assert.Equal(
            ["window: 2 states of 4194304 values are more than 4194304; shorten the window"],
            (two with { Window = 2 }).FindProblems());
    }

    [Fact]
    public void A_projection_counts_with_both_its_sizes()
    {
        LayerManifest projected = new("a", LayerKind.Lstm, 1, 1024, HiddenSize: 3073);
        Assert.Empty(Problems(projected with { HiddenSize = 3072 }));
        Assert.Equal(["window: 1024 states of 4097 values are more than 4194304; shorten the window"], Problems(projected));

        static IReadOnlyList<string> Problems(LayerManifest layer) =>
            (SmallModel.With(layer) with { Window = 1024, WarmUpSamples = 1024 }).FindProblems();
    }

    [Fact]
    public void Hostile_sizes_give_problems_and_no_overflow()
    {
        foreach (int size in new[] { int.MinValue, -1, 0, int.MaxValue })
        {
            ModelManifest manifest = SmallModel.With(new LayerManifest(
                "a", LayerKind.Conv1d, size, size, Activation: Activation.Relu, KernelSize: size, Dilation: size));
            Assert.NotEmpty(manifest.FindProblems());
            Assert.NotEmpty((manifest with { Window = size }).FindProblems());
            manifest = SmallModel.With(Lstm with { OutputSize = size, HiddenSize = size });
            Assert.NotEmpty((manifest with { Window = size }).FindProblems());
        }
    }

    [Fact]
    public void A_window_needs_a_layer_that_carries_something()
    {
        const string problem = "window: belongs to a model with state only: one with an lstm, gru, rnn or conv1d layer";
        LayerManifest conv = new("a", LayerKind.Conv1d, 1, 2, Activation: Activation.Relu, KernelSize: 1);
        Assert.Equal([problem], (SmallModel.With(conv) with { Window = 8 }).FindProblems());
        Assert.Equal([problem], (SmallModel.With(Scale, Alone with { Name = "y" }) with { Window = 8 }).FindProblems());
        Assert.Empty((SmallModel.With(conv with { KernelSize = 2 }) with { Window = 8 }).FindProblems());
    }

    [Fact]
    public void Many_channels_are_allowed()
    {
        InputManifest input = SmallModel.Manifest.Inputs[0];
        ModelManifest wide = SmallModel.With(new LayerManifest("a", LayerKind.Lstm, 1024, 2)) with
        {
            Inputs = [input, .. Enumerable.Range(1, 1023).Select(k => input with { Name = $"x{k}" })],
        };
        Assert.Empty(wide.FindProblems());
    }

    [Fact]
    public void A_classifier_ends_with_softmax_or_sigmoid_of_a_dense_or_activation_layer()
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            bool isProbability = activation is Activation.Softmax or Activation.Sigmoid;
            string[] expected = isProbability
                ? []
                : ["layers[1].activation: of task classify must be softmax or sigmoid in the last layer"];
            LayerManifest first = new("a", LayerKind.Lstm, 1, 2);
            Assert.Equal(expected, Classifier(first, new LayerManifest("b", LayerKind.Dense, 2, 2, Activation: activation)));
            Assert.Equal(expected, Classifier(first, new LayerManifest("b", LayerKind.Activation, 2, 2, Activation: activation)));
            Assert.Equal(
                expected,
                Classifier(first, new LayerManifest("b", LayerKind.Conv1d, 2, 2, Activation: activation, KernelSize: 3)));
        }

        LayerManifest[] others =
        [
            Lstm with { Activation = Activation.Sigmoid }, Gru with { Activation = Activation.Sigmoid }, Rnn,
        ];
        foreach (LayerManifest last in others)
        {
            Assert.Equal(
                ["layers[0].kind: of task classify must be dense, conv1d or activation in the last layer, with softmax or "
                    + $"sigmoid; got {LayerKinds.NameOf(last.Kind)}"],
                Classifier(last));
        }
    }

    private static IReadOnlyList<string> Classifier(params LayerManifest[] layers) => (SmallModel.Manifest with
    {
        Task = ModelTask.Classify,
        Layers = layers,
        Outputs = [new OutputManifest("healthy", "1", 0, 0, 1), new OutputManifest("worn", "1", 0, 0, 1)],
        Results = null,
    }).FindProblems();
}
