// One chunk of all lanes: gather → forward → loss → backward → sum of the groups' gradients. Groups run side by side.

using System.Numerics;
using EdgeLstm.Core.Collections;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Kernels;
using EdgeLstm.Training.Losses;

namespace EdgeLstm.Training;

/// <summary>The loss of a chunk.</summary>
/// <param name="Sum">Σ weight · loss.</param>
/// <param name="Weight">Σ weight.</param>
internal readonly record struct ChunkLoss(double Sum, double Weight)
{
    public static ChunkLoss operator +(ChunkLoss one, ChunkLoss other) => new(one.Sum + other.Sum, one.Weight + other.Weight);
}

/// <summary>Goes through a plan chunk by chunk. Lanes are dealt to groups of <see cref="Lanes.Count"/>; the result does not
/// depend on how many threads share them.</summary>
internal sealed unsafe class ChunkTrainer<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ExampleSet _examples;
    private readonly LossFunction<T> _loss;
    private readonly Group[] _groups;
    private readonly T[] _gradients;
    private readonly ParallelOptions _threads;
    private readonly double[] _outputWeights;

    /// <param name="network">The network.</param>
    /// <param name="loss">What it is to learn.</param>
    /// <param name="examples">From what.</param>
    /// <param name="lanes">Lanes of the plans to come.</param>
    /// <param name="steps">Steps of their chunks at most.</param>
    /// <param name="threads">Threads at most.</param>
    public ChunkTrainer(
        TrainingNetwork<T> network, LossFunction<T> loss, ExampleSet examples, int lanes, int steps, int threads)
    {
        _examples = examples;
        _loss = loss;
        _groups = new Group[(lanes + Lanes.Count - 1) / Lanes.Count];
        for (int i = 0; i < _groups.Length; i++)
        {
            _groups[i] = new Group(network, examples, steps);
        }

        _gradients = new T[network.Parameters.Length];
        _threads = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _outputWeights = ArrayProjection.Of(examples.TargetCount, loss.WeightOf);
    }

    /// <summary>∂L/∂parameters of the last chunk trained.</summary>
    public Span<T> Gradients => _gradients;

    /// <summary>The values of the last chunk of the lanes from 16 · group on.</summary>
    public NetworkRun<T> this[int group] => _groups[group].Run;

    /// <summary>Computes the loss of a chunk without learning.</summary>
    public ChunkLoss Evaluate(LaneChunk[] chunk, int steps) => Run(chunk, steps, 0, learn: false, null);

    /// <summary>Computes the loss of a chunk and its gradient.</summary>
    /// <param name="chunk">One entry per lane.</param>
    /// <param name="steps">Steps of the chunk.</param>
    /// <param name="dropout">A stream of random numbers for each group; null without dropout.</param>
    public ChunkLoss Learn(LaneChunk[] chunk, int steps, Func<int, RandomStream>? dropout = null)
    {
        ChunkLoss loss = Run(chunk, steps, TotalWeight(chunk), learn: true, dropout);
        Array.Clear(_gradients);
        foreach (Group group in _groups)
        {
            Add(group.Run.Gradients.Span);
        }

        return loss;
    }

    /// <summary>How much all lanes of a chunk count together, by which each group divides.</summary>
    public double TotalWeight(LaneChunk[] chunk)
    {
        double total = 0;
        foreach (LaneChunk lane in chunk)
        {
            for (int step = lane.Lead; step < lane.Count; step++)
            {
                int at = (lane.Row + step) * _examples.TargetCount;
                for (int target = 0; target < _examples.TargetCount; target++)
                {
                    total += _outputWeights[target] * _examples.Weights[at + target];
                }
            }
        }

        return total;
    }

    private ChunkLoss Run(LaneChunk[] chunk, int steps, double weight, bool learn, Func<int, RandomStream>? dropout)
    {
        double scale = weight > 0 ? 1 / weight : 0;
        Parallel.For(0, _groups.Length, _threads, index =>
        {
            ReadOnlySpan<LaneChunk> lanes = chunk.AsSpan(index * Lanes.Count);
            lanes = lanes[..Math.Min(lanes.Length, Lanes.Count)];
            _groups[index].Run.SetDropout(learn ? dropout?.Invoke(index) : null);
            Run(_groups[index], lanes, Math.Min(steps, RowsOf(lanes)), scale, learn);
        });

        double sum = 0;
        foreach (Group group in _groups)
        {
            sum += group.Loss;
        }

        return new ChunkLoss(sum, learn ? weight : TotalWeight(chunk));
    }

    private void Run(Group group, ReadOnlySpan<LaneChunk> lanes, int steps, double scale, bool learn)
    {
        NetworkRun<T> run = group.Run;
        run.Gradients.Span.Clear();
        group.Loss = 0;
        if (steps == 0)
        {
            return;
        }

        group.Gather(_examples, lanes, steps);
        run.Forward(group.Inputs.Pointer, steps);
        group.Loss = _loss.Differentiate(run.Output.Pointer, group.Targets.Pointer, group.Weights.Pointer,
            learn ? run.OutputGradient.Pointer : null, steps, scale);
        if (learn)
        {
            run.Backward(group.Inputs.Pointer, steps);
        }
    }

    // Of the longest: behind it there is nothing to do for this group.
    private static int RowsOf(ReadOnlySpan<LaneChunk> lanes)
    {
        int rows = 0;
        foreach (LaneChunk lane in lanes)
        {
            rows = Math.Max(rows, lane.Count);
        }

        return rows;
    }

    private void Add(ReadOnlySpan<T> gradients)
    {
        int at = 0;
        for (; at + Vector<T>.Count <= _gradients.Length; at += Vector<T>.Count)
        {
            (new Vector<T>(_gradients, at) + new Vector<T>(gradients[at..])).CopyTo(_gradients, at);
        }

        for (; at < _gradients.Length; at++)
        {
            _gradients[at] += gradients[at];
        }
    }

    /// <summary>Lanes that share their vectors.</summary>
    private sealed class Group
    {
        public Group(TrainingNetwork<T> network, ExampleSet examples, int steps)
        {
            Run = new NetworkRun<T>(network, steps);
            Inputs = new PinnedBuffer<T>(steps * examples.InputSize * Lanes.Count);
            Targets = new PinnedBuffer<T>(steps * examples.TargetCount * Lanes.Count);
            Weights = new PinnedBuffer<T>(steps * examples.TargetCount * Lanes.Count);
        }

        public NetworkRun<T> Run { get; }

        public PinnedBuffer<T> Inputs { get; }

        public PinnedBuffer<T> Targets { get; }

        public PinnedBuffer<T> Weights { get; }

        public double Loss { get; set; }

        public void Gather(ExampleSet examples, ReadOnlySpan<LaneChunk> lanes, int steps)
        {
            Weights.Span.Clear();
            for (int lane = 0; lane < lanes.Length; lane++)
            {
                LaneChunk chunk = lanes[lane];
                if (chunk.Reset)
                {
                    Run.ResetState(lane);
                }

                int rows = Math.Min(chunk.Count, steps);
                Copy(examples.Inputs, examples.InputSize, chunk.Row, rows, Inputs.Pointer + lane, chunk.Shift);
                Clear(examples.InputSize, rows, steps, Inputs.Pointer + lane);
                Copy(examples.Targets, examples.TargetCount, chunk.Row, rows, Targets.Pointer + lane, 0);
                int skipped = Math.Min(chunk.Lead, rows);
                Copy(examples.Weights, examples.TargetCount, chunk.Row + skipped, rows - skipped,
                    Weights.Pointer + lane + (skipped * examples.TargetCount * Lanes.Count), 0);
            }
        }

        private static void Copy(float[] source, int width, int row, int rows, T* destination, float shift)
        {
            ReadOnlySpan<float> values = source.AsSpan(row * width, rows * width);
            for (int i = 0; i < values.Length; i++)
            {
                destination[i * Lanes.Count] = T.CreateTruncating(values[i] + shift);
            }
        }

        // What a lane read in an earlier chunk must not stay behind its last row.
        private static void Clear(int width, int rows, int steps, T* destination)
        {
            for (int i = rows * width; i < steps * width; i++)
            {
                destination[i * Lanes.Count] = T.Zero;
            }
        }
    }
}
