// Time of one step of each cell at common sizes, at every vector width, in every precision, of one stream and of many.

using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Benchmarks;

/// <summary>One step with the state carried, weights in cache; run in this process, so that no second build is needed.</summary>
/// <remarks>
/// All together they take most of an hour; <c>--filter '*Streams: 64, *Bits512*Cell: Lstm,*Float32*'</c> chooses some.
/// </remarks>
[Config(typeof(InProcess))]
[MemoryDiagnoser]
public class CellBenchmarks
{
    private Layer _layer = null!;
    private float[] _x = null!;
    private float[] _y = null!;

    /// <summary>Kinds of cells.</summary>
    public enum CellKind
    {
        Rnn,
        Lstm,
        LstmPeephole,
        GruResetAfter,
        GruResetBefore,
    }

    /// <summary>Inputs and hidden units.</summary>
    public static IEnumerable<(int Inputs, int Hidden)> Sizes => [(1, 8), (4, 16), (5, 64), (8, 128)];

    /// <summary>Widths this process can use.</summary>
    public static IEnumerable<VectorWidth> Widths => VectorWidths.Supported;

    [ParamsSource(nameof(Widths))]
    public VectorWidth Width { get; set; }

    [ParamsSource(nameof(Sizes))]
    public (int Inputs, int Hidden) Size { get; set; }

    [ParamsAllValues]
    public CellKind Cell { get; set; }

    [ParamsAllValues]
    public WeightPrecision Precision { get; set; }

    [Params(1, 64)]
    public int Streams { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        (int inputs, int hidden) = Size;
        _layer = Create(inputs, hidden).ForStreams(Streams);
        _x = Values(Streams * inputs);
        _y = new float[Streams * hidden];
    }

    [Benchmark]
    public void Step() => _layer.Step(_x, _y);

    private Layer Create(int inputs, int hidden) => Cell switch
    {
        CellKind.Rnn => RnnLayer.Create(
            new("cell", inputs, hidden, Values(hidden * inputs), Values(hidden * hidden), Values(hidden), Activation.Tanh),
            Width,
            Precision),
        CellKind.Lstm or CellKind.LstmPeephole => LstmLayer.Create(
            new(
                "cell",
                inputs,
                hidden,
                Values(4 * hidden * inputs),
                Values(4 * hidden * hidden),
                Values(4 * hidden),
                Cell == CellKind.LstmPeephole ? Values(3 * hidden) : null),
            Width,
            Precision),
        _ => GruLayer.Create(
            new(
                "cell",
                inputs,
                hidden,
                Values(3 * hidden * inputs),
                Values(3 * hidden * hidden),
                Values(3 * hidden),
                Cell == CellKind.GruResetAfter ? Values(hidden) : null,
                Cell == CellKind.GruResetAfter ? GruReset.After : GruReset.Before),
            Width,
            Precision),
    };

    private static float[] Values(int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) / 4)];
    }

    private sealed class InProcess : ManualConfig
    {
        public InProcess() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
    }
}
