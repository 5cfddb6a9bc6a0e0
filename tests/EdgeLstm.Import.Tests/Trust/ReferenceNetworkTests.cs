// The network that judges the kernels is itself held against PyTorch, and against NumPy where PyTorch lacks the variant. The
// numbers are printed by reference_network.py beside this file.

using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Canonical;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.Trust;

public sealed class ReferenceNetworkTests
{
    private const int Steps = 4;

    // Printed to 15 places behind the point.
    private const double Tolerance = 1e-13;

    // Where the activations are taken.
    private static readonly double[] At = [-9, -5.5, -1.25, -0.3, 0, 0.4, 2, 5.5, 9];

    public static TheoryData<string, double[]> Activations { get; } = new()
    {
        {
            "gelu",
            [
                0, -1.04442594e-07, -0.132062217083569, -0.114626573343314, 0, 0.26216869664413, 1.954499736103642,
                5.499999895557407, 9,
            ]
        },
        {
            "geluTanh",
            [
                0, -5.92764e-09, -0.132285797030285, -0.114629076457241, 0, 0.262161169427356, 1.954597694087775,
                5.499999994072359, 9,
            ]
        },
        {
            "silu",
            [
                -0.001110551183876, -0.022385757437429, -0.278375173531636, -0.127667244956502, 0, 0.239475064044981,
                1.761594155955765, 5.477614242562572, 8.998889448816124,
            ]
        },
        {
            "elu(0.7)",
            [
                -0.699913601217682, -0.697139248120864, -0.499446633692341, -0.18142724243311, 0, 0.4, 2, 5.5, 9,
            ]
        },
        {
            "selu",
            [
                -1.757882374152158, -1.750914390675219, -1.254395446337865, -0.455667315379122, 0, 0.420280394942192,
                2.101401974710961, 5.778855430455143, 9.456308886199324,
            ]
        },
        {
            "softplus",
            [
                0.000123402189723, 0.004078443270571, 0.251929081345373, 0.554355244468527, 0.693147180559945,
                0.913015252399953, 2.126928011042973, 5.50407844327057, 9.000123402189724,
            ]
        },
        {
            "softsign",
            [
                -0.9, -0.846153846153846, -0.555555555555556, -0.230769230769231, 0, 0.285714285714286, 0.666666666666667,
                0.846153846153846, 0.9,
            ]
        },
        {
            "leakyRelu(0.2)",
            [
                -1.80000002682209, -1.100000016391277, -0.25000000372529, -0.06000000089407, 0, 0.4, 2, 5.5, 9,
            ]
        },
        {
            "hardSigmoid(0.25, 0.5)",
            [
                0, 0, 0.1875, 0.425, 0.5, 0.6, 1, 1, 1,
            ]
        },
        {
            "clamp(-1, 6)",
            [
                -1, -1, -1, -0.3, 0, 0.4, 2, 5.5, 6,
            ]
        },
        {
            "thresholdedRelu(1.5)",
            [
                0, 0, 0, 0, 0, 0, 2, 5.5, 9,
            ]
        },
        {
            "scaledTanh(1.5, 0.5)",
            [
                -1.499629816272041, -1.487789586852311, -0.831899583524073, -0.223327550434977, 0, 0.296062980337356,
                1.142391233933647, 1.487789586852311, 1.499629816272041,
            ]
        },
        {
            "affine(2, -1)",
            [
                -19, -12, -3.5, -1.6, -1, -0.2, 3, 10, 17,
            ]
        },
        {
            "exponential",
            [
                0.000123409804087, 0.004086771438464, 0.28650479686019, 0.740818220681718, 1, 1.49182469764127,
                7.38905609893065, 244.69193226422038, 8103.083927575384,
            ]
        },
        {
            "sigmoid",
            [
                0.000123394575986, 0.004070137715896, 0.222700138825309, 0.425557483188341, 0.5, 0.598687660112452,
                0.880797077977882, 0.995929862284104, 0.999876605424014,
            ]
        },
        {
            "tanh",
            [
                -0.999999969540041, -0.999966597156304, -0.848283639957513, -0.291312612451591, 0, 0.379948962255225,
                0.964027580075817, 0.999966597156304, 0.999999969540041,
            ]
        },
        {
            "relu",
            [
                0, 0, 0, 0, 0, 0.4, 2, 5.5, 9,
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Activations))]
    public void An_activation_is_that_of_PyTorch(string text, double[] expected)
    {
        Assert.True(ActivationFunction.TryParse(text, out ActivationFunction function));
        for (int k = 0; k < At.Length; k++)
        {
            AssertNear(expected[k], ReferenceActivation.Apply(function, At[k]));
        }
    }

    [Fact]
    public void Every_activation_but_softmax_is_among_them()
    {
        HashSet<Activation> seen = [Activation.Softmax, Activation.Linear];
        foreach (object[] row in Activations)
        {
            ActivationFunction.TryParse((string)row[0], out ActivationFunction function);
            seen.Add(function.Kind);
        }

        Assert.Equal(Enum.GetValues<Activation>().Length, seen.Count);
    }

    [Fact]
    public void An_LSTM_with_a_projection_is_that_of_PyTorch()
    {
        double[] expected =
        [
            0.223827564960335, -0.326666599444952, 0.279613502129802, -0.356362637406303, 0.363980583134468,
            -0.414008208678188, 0.413996401497633, -0.471800907224824,
        ];
        AssertEqual(expected, 2, builder => builder.AddLstm(
            "l", GateOrder.Lstm, Tensor(1, 12, 2), Tensor(2, 12, 2), [Tensor(3, 12)],
            new CellVariant(Projection: Tensor(4, 2, 3))));
    }

    [Fact]
    public void A_GRU_that_resets_after_the_product_is_that_of_PyTorch()
    {
        double[] expected =
        [
            -0.249182066729794, 0.208767171347582, 0.202582302018622, -0.349659302329912, 0.062622168592781,
            0.588829450947048, -0.14287192687667, -0.010563024708123, 0.78051487913392, -0.425869315689806,
            0.030276064696945, 0.269208508416989,
        ];
        AssertEqual(expected, 2, builder => builder.AddGru(
            "l", GateOrder.Gru, Tensor(1, 9, 2), Tensor(2, 9, 3), Tensor(3, 9), Tensor(4, 9), GruReset.After));
    }

    [Fact]
    public void A_GRU_that_resets_before_the_product_follows_its_equations()
    {
        double[] expected =
        [
            -0.411606351925917, 0.223623474302028, -0.007314320043548, -0.52061033935469, 0.034401552431199,
            0.298577194025075, -0.074999689438042, -0.073425353271804, 0.660292683904854, -0.492069405182366,
            -0.009615313709088, 0.148609818339577,
        ];
        AssertEqual(expected, 2, builder => builder.AddGru(
            "l", GateOrder.Gru, Tensor(1, 9, 2), Tensor(2, 9, 3), Tensor(3, 9), null, GruReset.Before));
    }

    [Fact]
    public void A_plain_recurrent_layer_is_that_of_PyTorch()
    {
        double[] expected =
        [
            1.151096741388933, 0, 0.200921417152778, 1.02215438449658, 0, 0, 0, 0, 0, 0.400856469261292, 0,
            0.008439850079452,
        ];
        AssertEqual(expected, 2, builder => builder.AddRnn(
            "l", Tensor(1, 3, 2), Tensor(2, 3, 3), [Tensor(3, 3)], new CellVariant(Activation: Activation.Relu)));
    }

    [Fact]
    public void Peepholes_of_i_and_f_see_the_old_cell_and_that_of_o_the_new()
    {
        double[] expected =
        [
            -0.470371625014973, 0.04628508274173, -0.001950838878142, -0.488952274604095, 0.006230420654311,
            0.033021454481573, -0.169690063379391, -0.108396231537134, 0.102000901594532, -0.427963025649555,
            -0.092590831823434, 0.004955763937779,
        ];
        AssertEqual(expected, 2, builder => builder.AddLstm(
            "l", GateOrder.Lstm, Tensor(1, 12, 2), Tensor(2, 12, 3), [Tensor(3, 12)],
            new CellVariant(Peepholes: Tensor(4, 9))));
    }

    [Fact]
    public void A_clip_bounds_what_the_activations_of_all_gates_take()
    {
        double[] expected =
        [
            -0.095241188497089, 0.0693938490507, -0.005437890284526, -0.146823545417556, -0.028736446617718,
            0.049481399275674, -0.015036610777235, -0.083032144528806, 0.091799121494656, -0.102375761647722,
            -0.008827799748636, 0.037422070708937,
        ];
        AssertEqual(expected, 2, builder => builder.AddLstm(
            "l", GateOrder.Lstm, Tensor(1, 12, 2), Tensor(2, 12, 3), [Tensor(3, 12)],
            new CellVariant(Clip: 0.3)));
    }

    [Fact]
    public void A_clip_bounds_the_peepholes_too()
    {
        double[] expected =
        [
            -0.095241188497089, 0.070851198895432, -0.005437890284526, -0.14794141862386, -0.028440442756819,
            0.04947063657126, -0.008771471320403, -0.083032144528806, 0.097477590126278, -0.099384593648654,
            -0.00920236851809, 0.035296817389758,
        ];
        AssertEqual(expected, 2, builder => builder.AddLstm(
            "l", GateOrder.Lstm, Tensor(1, 12, 2), Tensor(2, 12, 3), [Tensor(3, 12)],
            new CellVariant(Clip: 0.3, Peepholes: Tensor(4, 9))));
    }

    [Fact]
    public void A_bound_of_the_cell_acts_before_the_output()
    {
        double[] expected =
        [
            -0.033978830886008, 0.028107916397458, -0.001967213528436, -0.028394466615145, -0.0275346982997,
            0.012018311736509, 0.034485210739812, -0.014476885957913, 0.027749180383846, -0.037009714906543,
            -0.003048822668421, 0.014123896767029,
        ];
        AssertEqual(expected, 2, builder => builder.AddLstm(
            "l", GateOrder.Lstm, Tensor(1, 12, 2), Tensor(2, 12, 3), [Tensor(3, 12)],
            new CellVariant(CellClip: 0.05)));
    }

    [Fact]
    public void A_coupled_forget_gate_is_one_less_the_input_gate()
    {
        double[] expected =
        [
            -0.420678834784074, 0.045626512743577, -0.001967213528436, -0.388299046395892, -0.002014097783439,
            0.032212787857542, -0.356877794453049, -0.128393705829975, 0.141616147429817, -0.468508055589062,
            -0.099492677918401, -0.006747921992649,
        ];
        AssertEqual(expected, 2, builder => builder.AddLstm(
            "l", GateOrder.Lstm, Tensor(1, 12, 2), Tensor(2, 12, 3), [Tensor(3, 12)],
            new CellVariant(CoupledForget: true)));
    }

    [Fact]
    public void A_trained_initial_state_is_where_it_begins()
    {
        double[] expected =
        [
            -0.419370232943712, 0.349468153239379, -0.016007930509926, -0.391430162320873, 0.18441705982746,
            0.012482729319078, -0.227833742996297, -0.049420472066693, 0.088955201287059, -0.408728048976853,
            -0.025758332817982, -0.000763302236535,
        ];
        AssertEqual(expected, 2, builder => builder.AddLstm(
            "l", GateOrder.Lstm, Tensor(1, 12, 2), Tensor(2, 12, 3), [Tensor(3, 12)],
            new CellVariant(InitialHidden: Tensor(5, 3), InitialCell: Tensor(6, 3))));
    }

    [Fact]
    public void A_convolution_with_dilation_is_that_of_PyTorch_behind_zeros()
    {
        double[] expected =
        [
            0.583592053371835, 0.921124033184038, 0.345430439970128, 0, 2.393138895885451, 0.081257398454325, 0,
            0.389765002749547,
        ];
        AssertEqual(expected, 3, builder => builder.AddConv1d(
            "l", Tensor(1, 2, 2, 3), Tensor(2, 2), 2, Activation.Relu));
    }

    [Fact]
    public void A_layer_normalisation_is_that_of_PyTorch()
    {
        double[] expected =
        [
            0.397133151215559, 0.693726803059294, -0.482093119398405, 1.672066527155825, -0.592118089725908,
            -0.574672562409406, -0.186309536228532, 0.079084752619396, -1.153663539902313, 1.587658066802333,
            -0.196592638497642, -0.384347187570351,
        ];
        AssertEqual(expected, 3, builder => builder.AddLayerNorm(
            "l", Tensor(1, 3), Tensor(2, 3), 3, 1e-3));
    }

    [Fact]
    public void A_softmax_is_that_of_PyTorch()
    {
        double[] expected =
        [
            0.299565964636754, 0.421697996702135, 0.278736038661111, 0.483487532082326, 0.252146607242702, 0.264365860674972,
            0.15368652049711, 0.354280478339916, 0.492033001162974, 0.607311442923441, 0.257222529049972, 0.135466028026587,
        ];
        AssertEqual(expected, 3, builder => {
            builder.AddScale("s", Ones(3), Zeros(3));
            builder.AddActivation("l", Activation.Softmax);
        });
    }

    [Fact]
    public void A_window_begins_at_the_initial_state_and_gives_its_last_output()
    {
        var network = new ReferenceNetwork(Build(builder => builder.AddLstm(
            "l", GateOrder.Lstm, Tensor(1, 12, 2), Tensor(2, 12, 3), [Tensor(3, 12)])));
        double[][] samples = [.. Enumerable.Range(0, Steps).Select(t => Sample(t, 2))];
        double[][] windowed = network.Run(samples, 2);
        network.ResetState();
        network.Step(samples[2]);
        Assert.Equal(network.Step(samples[3]), windowed[3]);
    }

    private static void AssertEqual(double[] expected, int inputs, Action<LayerBuilder> build)
    {
        var network = new ReferenceNetwork(Build(build));
        double[] found = [.. Enumerable.Range(0, Steps).SelectMany(t => network.Step(Sample(t, inputs)))];
        Assert.Equal(expected.Length, found.Length);
        for (int k = 0; k < expected.Length; k++)
        {
            AssertNear(expected[k], found[k]);
        }
    }

    private static void AssertNear(double expected, double found) =>
        Assert.InRange(Math.Abs(found - expected) / Math.Max(1, Math.Abs(expected)), 0, Tolerance);

    private static IReadOnlyList<ImportedLayer> Build(Action<LayerBuilder> build)
    {
        var builder = new LayerBuilder(new SourceFile("m", []));
        build(builder);
        return builder.Layers;
    }

    private static SourceTensor Tensor(int number, params int[] shape)
    {
        int count = shape.Aggregate(1, (product, size) => product * size);
        float[] values = [.. Enumerable.Range(0, count).Select(k => (float)(0.8 * Math.Sin((1.3 * k) + number)))];
        return new SourceTensor($"tensor {number}", shape, values);
    }

    private static SourceTensor Ones(int size) => new("ones", [size], [.. Enumerable.Repeat(1f, size)]);

    private static SourceTensor Zeros(int size) => new("zeros", [size], new float[size]);

    private static double[] Sample(int step, int inputs) =>
        [.. Enumerable.Range(step * inputs, inputs).Select(k => (double)(float)Math.Sin((0.9 * k) + 7))];
}
