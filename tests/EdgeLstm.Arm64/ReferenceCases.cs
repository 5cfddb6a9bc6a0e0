// Every kernel at sizes around the end of a vector, with what the textbook cells make of 200 samples in double precision.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Arm64;

/// <summary>Makes the case files. The textbook is given the weights as a kernel holds them, rounded or quantised.</summary>
internal sealed class ReferenceCases
{
    private const int Steps = 200;
    private const double FloatTolerance = 2e-6;

    // h is rounded to 127ths in the textbook too. Where it lies halfway between two, the last bit decides, which differs in
    // double precision: from there on the two part by as much as one such step matters.
    private const double Int8Tolerance = 2e-2;

    // LstmKernel.Unroll as it is on ARM64; asked on x64, where cases are written, it would answer for x64.
    private const int LstmUnroll = 4;

    // Two tiles of Simd128.TileStreams as it is on ARM64.
    private const int StreamCount = 8;

    private static readonly int[] InputSizes = [1, 5];
    private static readonly int[] UnitCounts = [1, 3, 4, 5, 17, 32, 64];

    private static readonly (int InputSize, int Units)[] PredictedSizes =
        [(1, 8), (1, 16), (4, 16), (1, 32), (5, 64), (8, 64), (8, 128), (16, 256)];

    // Values at which exponentials overflow, vanish and lose their sign; the cells' outputs stay finite.
    private static readonly float[][] Extremes =
    [
        [1f], [float.PositiveInfinity], [-1f], [0.5f], [float.NegativeInfinity], [2f], [1e30f], [-1e30f], [0f], [-0f],
        [float.Epsilon], [1e-40f], [88.8f], [-104f],
    ];

    private readonly string _folder;
    private int _count;

    private ReferenceCases(string folder)
    {
        Directory.CreateDirectory(folder);
        _folder = folder;
    }

    /// <summary>Writes all cases into <paramref name="folder"/> and returns how many.</summary>
    public static int WriteAll(string folder)
    {
        ReferenceCases cases = new(folder);
        foreach (int inputSize in InputSizes)
        {
            foreach (int units in UnitCounts)
            {
                cases.AddAll(new Case(inputSize, units, [Samples(inputSize, 7)]));
                float[][][] streams = [.. Enumerable.Range(7, StreamCount).Select(seed => Samples(inputSize, seed))];
                cases.AddStreams(new Case(inputSize, units, streams));
            }
        }

        cases.AddExtremes(new Case(1, 5, [Extremes], "-extreme"));
        return cases._count;
    }

    /// <summary>Writes two steps of LSTM and GRU in the sizes that predictions are made for.</summary>
    public static void WriteSizes(string folder)
    {
        ReferenceCases cases = new(folder);
        foreach ((int inputSize, int units) in PredictedSizes)
        {
            foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
            {
                Case size = new(inputSize, units, [Samples(inputSize, 7)[..2]]);
                cases.AddLstm(size, precision, peepholes: false);
                cases.AddGru(size, precision, GruReset.After);
            }
        }
    }

    /// <summary>Writes a case as file <paramref name="path"/> whose very last value is wrong by 1e-4: it must not pass.</summary>
    public static void WriteWrong(string path)
    {
        CaseFile right = Dense(new Case(5, 17, [Samples(5, 7)]), Activation.Linear);
        right.Expected[^1][^1][^1] += 1e-4;
        right.WriteTo(path);
    }

    private void AddAll(Case size)
    {
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            AddRecurrent(size, precision);
            AddRnn(size, precision, Activation.Relu);
        }

        // Those that have kernels; the others are computed value by value by the framework.
        for (Activation activation = Activation.Linear; activation <= Activation.Softmax; activation++)
        {
            Write(Dense(size, activation), size);
        }
    }

    // Weights of 8 bits and dense layers take one stream after the other: nothing new there.
    private void AddStreams(Case size)
    {
        AddRecurrent(size, WeightPrecision.Float32);
        AddRecurrent(size, WeightPrecision.BFloat16);
    }

    // Only cells whose outputs are bounded have a reference for infinite inputs; 8-bit kernels answer these with NaN.
    private void AddExtremes(Case size)
    {
        AddRecurrent(size, WeightPrecision.Float32);
        AddRecurrent(size, WeightPrecision.BFloat16);
        Write(Dense(size, Activation.Tanh), size);
        Write(Dense(size, Activation.Sigmoid), size);
    }

    private void AddRecurrent(Case size, WeightPrecision precision)
    {
        AddLstm(size, precision, peepholes: false);
        AddLstm(size, precision, peepholes: true);
        AddGru(size, precision, GruReset.After);
        AddGru(size, precision, GruReset.Before);
        AddRnn(size, precision, Activation.Tanh);
    }

    private void AddLstm(Case size, WeightPrecision precision, bool peepholes)
    {
        LstmWeights given = RandomWeights.Lstm(size.InputSize, size.Units, peepholes);
        LstmWeights weights = given with
        {
            InputWeights = HeldWeights.Of(given.InputWeights, size.InputSize, precision),
            RecurrentWeights = HeldWeights.Of(given.RecurrentWeights, size.Units, precision),
        };
        ColumnLayout columns = Joint(size, precision, LstmUnroll);
        ReadOnlySpan<float> unitVectors = [.. weights.Bias, .. weights.Peepholes ?? []];
        PackedWeights packed = PackedWeights.Pack(
            precision, columns, size.Units, unitVectors, weights.InputWeights, weights.RecurrentWeights);
        Add(peepholes ? "lstm_peepholes" : "lstm", precision, columns, packed, null, size, () =>
        {
            double[] h = new double[size.Units];
            double[] c = new double[size.Units];
            return x =>
            {
                TextbookCells.StepLstm(weights, x, h, c, HeldWeights.OfHidden(precision, isBounded: true));
                return h;
            };
        });
    }

    private void AddGru(Case size, WeightPrecision precision, GruReset reset)
    {
        GruWeights given = RandomWeights.Gru(size.InputSize, size.Units, reset);
        GruWeights weights = given with
        {
            InputWeights = HeldWeights.Of(given.InputWeights, size.InputSize, precision),
            RecurrentWeights = HeldWeights.Of(given.RecurrentWeights, size.Units, precision),
        };
        Func<double[], double[]> Begin()
        {
            double[] h = new double[size.Units];
            return x =>
            {
                TextbookCells.StepGru(weights, x, h, HeldWeights.OfHidden(precision, isBounded: true));
                return h;
            };
        }

        if (reset == GruReset.After)
        {
            ColumnLayout columns = precision == WeightPrecision.Int8
                ? Joint(size, precision, 1)
                : ColumnLayout.Separate(size.InputSize, size.Units, GruResetAfterKernel.Unroll, Simd128.Lanes);
            ReadOnlySpan<float> unitVectors = [.. weights.Bias, .. weights.RecurrentBias!];
            PackedWeights packed = PackedWeights.Pack(
                precision, columns, size.Units, unitVectors, weights.InputWeights, weights.RecurrentWeights);
            Add("gru_after", precision, columns, packed, null, size, Begin);
        }
        else
        {
            ColumnLayout columns = Joint(size, precision, WeightedSum.Unroll);
            Add("gru_before", precision, columns, PackGates(0, 2), PackGates(2, 1), size, Begin);

            PackedWeights PackGates(int first, int count)
            {
                int units = size.Units;
                return PackedWeights.Pack(
                    precision,
                    columns,
                    units,
                    weights.Bias.AsSpan(first * units, count * units),
                    weights.InputWeights.AsSpan(first * units * size.InputSize, count * units * size.InputSize),
                    weights.RecurrentWeights.AsSpan(first * units * units, count * units * units));
            }
        }
    }

    private void AddRnn(Case size, WeightPrecision precision, Activation activation)
    {
        RnnWeights given = RandomWeights.Rnn(size.InputSize, size.Units, activation);
        RnnWeights weights = given with
        {
            InputWeights = HeldWeights.Of(given.InputWeights, size.InputSize, precision),
            RecurrentWeights = HeldWeights.Of(given.RecurrentWeights, size.Units, precision),
        };
        ColumnLayout columns = Joint(size, precision, WeightedSum.Unroll);
        PackedWeights packed = PackedWeights.Pack(
            precision, columns, size.Units, weights.Bias, weights.InputWeights, weights.RecurrentWeights);
        Add(activation == Activation.Relu ? "rnn_relu" : "rnn_tanh", precision, columns, packed, null, size, () =>
        {
            double[] h = new double[size.Units];
            return x =>
            {
                TextbookCells.StepRnn(weights, x, h, HeldWeights.OfHidden(precision, activation != Activation.Relu));
                return h;
            };
        });
    }

    private static CaseFile Dense(Case size, Activation activation)
    {
        DenseWeights weights = RandomWeights.Dense(size.InputSize, size.Units, activation);
        ColumnLayout columns = ColumnLayout.Joint(size.InputSize, 0, WeightedSum.Unroll, Simd128.Lanes);
        PackedWeights packed = PackedWeights.Pack(
            WeightPrecision.Float32, columns, size.Units, weights.Bias, weights.Weights, []);
        string entryPoint = $"dense_{activation}_float32".ToLowerInvariant();
        double[][][] expected = Expected(size, () => x => TextbookCells.StepDense(weights, x));
        return new CaseFile(entryPoint, columns, packed, null, size.Units, FloatTolerance, size.Inputs, expected);
    }

    private void Add(
        string kernel,
        WeightPrecision precision,
        ColumnLayout columns,
        PackedWeights weights,
        PackedWeights? secondWeights,
        Case size,
        Func<Func<double[], double[]>> begin)
    {
        string entryPoint = $"{kernel}_{precision}".ToLowerInvariant();
        double tolerance = precision == WeightPrecision.Int8 ? Int8Tolerance : FloatTolerance;
        double[][][] expected = Expected(size, begin);
        Write(new CaseFile(entryPoint, columns, weights, secondWeights, size.Units, tolerance, size.Inputs, expected), size);
    }

    private void Write(CaseFile file, Case size)
    {
        string streams = size.Inputs.Length > 1 ? $"-{size.Inputs.Length}streams" : string.Empty;
        file.WriteTo(Path.Combine(_folder, $"{file.EntryPoint}-{size.InputSize}x{size.Units}{streams}{size.Suffix}.case"));
        _count++;
    }

    // Every stream begins anew.
    private static double[][][] Expected(Case size, Func<Func<double[], double[]>> begin) => [.. size.Inputs.Select(stream =>
    {
        Func<double[], double[]> step = begin();
        return stream.Select(x => (double[])step(Array.ConvertAll(x, value => (double)value)).Clone()).ToArray();
    })];

    private static ColumnLayout Joint(Case size, WeightPrecision precision, int unroll) => ColumnLayout.Joint(
        size.InputSize, size.Units, precision == WeightPrecision.Int8 ? Int8Panels.WordColumns : unroll, Simd128.Lanes);

    private static float[][] Samples(int inputSize, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, Steps).Select(_ => RandomWeights.Uniform(random, inputSize, 2))];
    }

    /// <summary>A size, what goes into each stream, and what the file's name ends with.</summary>
    private sealed record Case(int InputSize, int Units, float[][][] Inputs, string Suffix = "");
}
