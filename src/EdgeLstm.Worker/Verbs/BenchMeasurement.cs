// Rounds of steps, of bare reading, of multiply-adds and of additions in turn; the medians of each are the figures.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Worker.Verbs;

/// <summary>What was measured: medians over the rounds.</summary>
/// <param name="NsPerCall">One step of all streams together.</param>
/// <param name="FloorNs">Reading the weights of one call once.</param>
/// <param name="MultiplyAddNs">One multiply-add of the widest vectors, with many in flight.</param>
/// <param name="Gigahertz">The clock, by dependent additions.</param>
/// <param name="AllocatedBytesPerCall">Bytes allocated by one call, over all rounds.</param>
/// <param name="Rounds">Rounds of each kind.</param>
/// <param name="CallsPerRound">Calls in each round.</param>
internal sealed record BenchFigures(
    double NsPerCall,
    double FloorNs,
    double MultiplyAddNs,
    double Gigahertz,
    double AllocatedBytesPerCall,
    int Rounds,
    long CallsPerRound)
{
    /// <summary>How many times the floor one call takes.</summary>
    public double FloorRatio => NsPerCall / FloorNs;
}

/// <summary>Measures one network.</summary>
/// <remarks>
/// The four kinds of rounds take turns, so that whatever else the machine does meets all of them. Rounds are short: on a busy
/// machine most of them then pass undisturbed, and the median is one of those. What a round needs is in the cache before its
/// time is taken, as the round before may have pushed it out.
/// </remarks>
internal sealed class BenchMeasurement
{
    private const int MostRounds = 301, FewestRounds = 5;
    private const double AllMs = 3000, StepMs = 1, FloorMs = 0.5, MultiplyAddMs = 0.1, AdditionMs = 0.1;
    private const int WarmUpShare = 8;
    private const int InputFloats = 1024;

    private readonly ISequenceModel _network;
    private readonly LoadFloor _floor;
    private readonly float[] _inputs;
    private readonly float[] _outputs;
    private readonly int _rowLength;
    private readonly int _rowMask;

    public BenchMeasurement(BenchNetwork network)
    {
        _network = network.Network;
        _floor = new LoadFloor(_network.WeightBytes);

        // A power of two of rows, so that they are taken in turn with a mask, and few, so that they stay in the nearest cache.
        _rowLength = network.Streams * _network.InputSize;
        int rows = 2;
        while (rows * 2 * _rowLength <= InputFloats)
        {
            rows *= 2;
        }

        _rowMask = rows - 1;
        _inputs = new float[rows * _rowLength];
        for (int k = 0; k < _inputs.Length; k++)
        {
            _inputs[k] = network.InputValues[k % network.InputValues.Length];
        }

        _outputs = new float[network.Streams * _network.OutputSize];
    }

    public BenchFigures Run()
    {
        Action<long> step = _network is Network ? StepNetwork : Step, read = Read, multiplyAdd = MultiplyAdd, add = Add;
        long calls = Calibrate(step, StepMs), reads = Calibrate(read, FloorMs), additions = Calibrate(add, AdditionMs);
        long multiplyAdds = Calibrate(multiplyAdd, MultiplyAddMs);
        double roundMs = 1e-6 * ((TimeNs(step, calls) * (calls + 1)) + (TimeNs(read, reads) * (reads + 1)));
        int rounds = (int)Math.Clamp(AllMs / roundMs, FewestRounds, MostRounds);
        double[] stepNs = new double[rounds], floorNs = new double[rounds], additionNs = new double[rounds];
        double[] multiplyAddNs = new double[rounds];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int k = 0; k < rounds; k++)
        {
            stepNs[k] = TimeNs(step, calls);
            floorNs[k] = TimeNs(read, reads);
            multiplyAddNs[k] = TimeNs(multiplyAdd, multiplyAdds);
            additionNs[k] = TimeNs(add, additions);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return new BenchFigures(
            Median(stepNs),
            Median(floorNs),
            Median(multiplyAddNs),
            1 / Median(additionNs),
            (double)allocated / (rounds * calls),
            rounds,
            calls);
    }

    // Powers of two that take as long as asked.
    private static long Calibrate(Action<long> work, double ms)
    {
        long count = 1;
        while (TimeNs(work, count) * count < ms * 1e6)
        {
            count *= 2;
        }

        return count;
    }

    private static double TimeNs(Action<long> work, long count)
    {
        work((count / WarmUpShare) + 1);
        long started = Stopwatch.GetTimestamp();
        work(count);
        return (Stopwatch.GetTimestamp() - started) * (1e9 / Stopwatch.Frequency) / count;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    // Called as what it is: at the smallest sizes a step takes 60 ns, and each nanosecond of the loop would count.
    private void StepNetwork(long count)
    {
        Network network = (Network)_network;
        for (long k = 0; k < count; k++)
        {
            network.Step(Row((int)k), _outputs);
        }
    }

    private void Step(long count)
    {
        for (long k = 0; k < count; k++)
        {
            _network.Step(Row((int)k), _outputs);
        }
    }

    // Without checks, for the same reason.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<float> Row(int index)
    {
        ref float first = ref MemoryMarshal.GetArrayDataReference(_inputs);
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref first, (index & _rowMask) * _rowLength), _rowLength);
    }

    private void Read(long count) => _floor.Read(count);

    private void MultiplyAdd(long count) => MultiplyAdds.Run(count, 0.5f);

    private void Add(long count) => DependentAdditions.Run(count, count);
}
