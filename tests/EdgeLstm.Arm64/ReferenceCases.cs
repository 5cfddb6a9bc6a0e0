// Every kernel at sizes around the end of a vector, with what the textbook cells make of 200 samples in double precision.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Arm64;

/// <summary>Makes the case files; weights are packed by the layers' own <see cref="Panels"/>.</summary>
internal sealed class ReferenceCases
{
    private const int Steps = 200;
    private const double Tolerance = 2e-6;
    private static readonly int[] s_inputSizes = [1, 5];
    private static readonly int[] s_unitCounts = [1, 3, 4, 5, 17, 32, 64];

    private static readonly (int InputSize, int Units)[] s_predictedSizes =
        [(1, 8), (1, 16), (4, 16), (1, 32), (5, 64), (8, 64), (8, 128), (16, 256)];

    // Values at which exponentials overflow, vanish and lose their sign; the cells' outputs stay finite.
    private static readonly float[] s_extremes =
    [
        1f, float.PositiveInfinity, -1f, 0.5f, float.NegativeInfinity, 2f, 1e30f, -1e30f, 0f, -0f, float.Epsilon, 1e-40f, 88.8f, -104f,
    ];

    private readonly string _folder;
    private int _count;

    private ReferenceCases(string folder) => _folder = folder;

    /// <summary>Writes all case files into <paramref name="folder"/> and returns how many.</summary>
    public static int WriteAll(string folder)
    {
        Directory.CreateDirectory(folder);
        ReferenceCases cases = new(folder);
        foreach (int inputSize in s_inputSizes)
        {
            foreach (int units in s_unitCounts)
            {
                cases.AddAll(inputSize, units, Samples(inputSize), string.Empty, staysFinite: true);
            }
        }

        cases.AddAll(1, 5, [.. s_extremes.Select(x => new[] { x })], "-extreme", staysFinite: false);
        return cases._count;
    }

    /// <summary>Writes two steps of LSTM and GRU in the sizes that predictions are made for.</summary>
    public static void WriteSizes(string folder)
    {
        Directory.CreateDirectory(folder);
        ReferenceCases cases = new(folder);
        foreach ((int inputSize, int units) in s_predictedSizes)
        {
            float[][] inputs = Samples(inputSize)[..2];
            foreach (bool isBFloat16 in new[] { false, true })
            {
                cases.AddLstm(inputSize, units, isBFloat16, peepholes: false, inputs, string.Empty);
                cases.AddGru(inputSize, units, isBFloat16, GruReset.After, inputs, string.Empty);
            }
        }
    }

    /// <summary>Writes a case into <paramref name="path"/> whose very last value is wrong by 1e-4: it must not pass.</summary>
    public static void WriteWrong(string path)
    {
        float[][] inputs = Samples(5);
        DenseWeights weights = RandomWeights.Dense(5, 17, Activation.Linear);
        double[][] expected = [.. inputs.Select(x => TextbookCells.StepDense(weights, Array.ConvertAll(x, v => (double)v)))];
        expected[^1][^1] += 1e-4;
        ColumnLayout columns = ColumnLayout.Joint(5, 0, WeightedSum.Unroll, Simd128.Lanes);
        Panels panels = new(columns, Simd128.Lanes, isBFloat16: false, 17, weights.Bias, weights.Weights, []);
        new CaseFile("dense_linear_float32", columns, panels, null, 17, Tolerance, inputs, expected).WriteTo(path);
    }

    // Where inputs are infinite, only cells whose outputs are bounded have a reference.
    private void AddAll(int inputSize, int units, float[][] inputs, string suffix, bool staysFinite)
    {
        foreach (bool isBFloat16 in new[] { false, true })
        {
            AddLstm(inputSize, units, isBFloat16, peepholes: false, inputs, suffix);
            AddLstm(inputSize, units, isBFloat16, peepholes: true, inputs, suffix);
            AddGru(inputSize, units, isBFloat16, GruReset.After, inputs, suffix);
            AddGru(inputSize, units, isBFloat16, GruReset.Before, inputs, suffix);
            AddRnn(inputSize, units, isBFloat16, Activation.Tanh, inputs, suffix);
            if (staysFinite)
            {
                AddRnn(inputSize, units, isBFloat16, Activation.Relu, inputs, suffix);
            }
        }

        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            if (staysFinite || activation is Activation.Tanh or Activation.Sigmoid)
            {
                AddDense(inputSize, units, activation, inputs, suffix);
            }
        }
    }

    private void AddLstm(int inputSize, int units, bool isBFloat16, bool peepholes, float[][] inputs, string suffix)
    {
        LstmWeights given = RandomWeights.Lstm(inputSize, units, peepholes);
        LstmWeights weights = given with
        {
            InputWeights = Held(given.InputWeights, isBFloat16),
            RecurrentWeights = Held(given.RecurrentWeights, isBFloat16),
        };
        ColumnLayout columns = ColumnLayout.Joint(inputSize, units, LstmKernel.Unroll, Simd128.Lanes);
        Panels panels = new(
            columns,
            Simd128.Lanes,
            isBFloat16,
            units,
            [.. weights.Bias, .. weights.Peepholes ?? []],
            weights.InputWeights,
            weights.RecurrentWeights);
        double[] h = new double[units];
        double[] c = new double[units];
        Add(Name(peepholes ? "lstm_peepholes" : "lstm", isBFloat16), columns, panels, null, units, inputs, suffix, x =>
        {
            TextbookCells.StepLstm(weights, x, h, c);
            return h;
        });
    }

    private void AddGru(int inputSize, int units, bool isBFloat16, GruReset reset, float[][] inputs, string suffix)
    {
        GruWeights given = RandomWeights.Gru(inputSize, units, reset);
        GruWeights weights = given with
        {
            InputWeights = Held(given.InputWeights, isBFloat16),
            RecurrentWeights = Held(given.RecurrentWeights, isBFloat16),
        };
        double[] h = new double[units];
        double[] Step(double[] x)
        {
            TextbookCells.StepGru(weights, x, h);
            return h;
        }

        if (reset == GruReset.After)
        {
            ColumnLayout columns = ColumnLayout.Separate(inputSize, units, GruResetAfterKernel.Unroll, Simd128.Lanes);
            Panels panels = new(
                columns,
                Simd128.Lanes,
                isBFloat16,
                units,
                [.. weights.Bias, .. weights.RecurrentBias!],
                weights.InputWeights,
                weights.RecurrentWeights);
            Add(Name("gru_after", isBFloat16), columns, panels, null, units, inputs, suffix, Step);
        }
        else
        {
            ColumnLayout columns = ColumnLayout.Joint(inputSize, units, WeightedSum.Unroll, Simd128.Lanes);
            Panels Pack(Range gates) => new(
                columns,
                Simd128.Lanes,
                isBFloat16,
                units,
                weights.Bias.AsSpan(Rows(gates, units)),
                weights.InputWeights.AsSpan(Rows(gates, units * inputSize)),
                weights.RecurrentWeights.AsSpan(Rows(gates, units * units)));
            Add(Name("gru_before", isBFloat16), columns, Pack(0..2), Pack(2..3), units, inputs, suffix, Step);
        }
    }

    private void AddRnn(int inputSize, int units, bool isBFloat16, Activation activation, float[][] inputs, string suffix)
    {
        RnnWeights given = RandomWeights.Rnn(inputSize, units, activation);
        RnnWeights weights = given with
        {
            InputWeights = Held(given.InputWeights, isBFloat16),
            RecurrentWeights = Held(given.RecurrentWeights, isBFloat16),
        };
        ColumnLayout columns = ColumnLayout.Joint(inputSize, units, WeightedSum.Unroll, Simd128.Lanes);
        Panels panels = new(
            columns, Simd128.Lanes, isBFloat16, units, weights.Bias, weights.InputWeights, weights.RecurrentWeights);
        double[] h = new double[units];
        string name = activation == Activation.Relu ? "rnn_relu" : "rnn_tanh";
        Add(Name(name, isBFloat16), columns, panels, null, units, inputs, suffix, x =>
        {
            TextbookCells.StepRnn(weights, x, h);
            return h;
        });
    }

    private void AddDense(int inputSize, int units, Activation activation, float[][] inputs, string suffix)
    {
        DenseWeights weights = RandomWeights.Dense(inputSize, units, activation);
        ColumnLayout columns = ColumnLayout.Joint(inputSize, 0, WeightedSum.Unroll, Simd128.Lanes);
        Panels panels = new(columns, Simd128.Lanes, isBFloat16: false, units, weights.Bias, weights.Weights, []);
        string name = Name($"dense_{activation.ToString().ToLowerInvariant()}", isBFloat16: false);
        Add(name, columns, panels, null, units, inputs, suffix, x => TextbookCells.StepDense(weights, x));
    }

    private void Add(
        string entryPoint,
        ColumnLayout columns,
        Panels weights,
        Panels? secondWeights,
        int units,
        float[][] inputs,
        string suffix,
        Func<double[], double[]> textbook)
    {
        double[][] expected = [.. inputs.Select(x => (double[])textbook(Array.ConvertAll(x, v => (double)v)).Clone())];
        CaseFile file = new(entryPoint, columns, weights, secondWeights, units, Tolerance, inputs, expected);
        file.WriteTo(Path.Combine(_folder, $"{entryPoint}-{columns.InputSize}x{units}{suffix}.case"));
        _count++;
    }

    private static float[][] Samples(int inputSize)
    {
        Random random = new(7);
        return [.. Enumerable.Range(0, Steps).Select(_ => RandomWeights.Uniform(random, inputSize, 2))];
    }

    // The values that the kernel computes with: what the reference is given too.
    private static float[] Held(float[] weights, bool isBFloat16) =>
        isBFloat16 ? Array.ConvertAll(weights, w => BFloat16Bits.Widen(BFloat16Bits.Round(w))) : weights;

    private static string Name(string kernel, bool isBFloat16) => kernel + (isBFloat16 ? "_bfloat16" : "_float32");

    private static Range Rows(Range gates, int perGate) => (gates.Start.Value * perGate)..(gates.End.Value * perGate);
}
