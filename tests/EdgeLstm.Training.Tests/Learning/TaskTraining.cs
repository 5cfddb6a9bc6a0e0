// A network learns a task from batches that are drawn anew; its score is that on sequences it never saw.

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Kernels;
using EdgeLstm.Training.Losses;
using EdgeLstm.Training.Optimisation;

namespace EdgeLstm.Training.Tests.Learning;

/// <summary>How long a task may be learned, and how.</summary>
/// <param name="Units">Units of the one recurrent layer.</param>
/// <param name="LearningRate">Of Adam.</param>
/// <param name="MaxUpdates">Updates at most; training ends when the task is solved.</param>
/// <param name="OpensGates">Whether gates begin open for as long as a sequence is; otherwise as every network of the trainer.
/// </param>
/// <param name="Seed">Of weights and sequences.</param>
internal sealed record TaskSettings(int Units, double LearningRate, int MaxUpdates, bool OpensGates = true, long Seed = 1);

/// <summary>How it went.</summary>
/// <param name="Score">Score at the end.</param>
/// <param name="IsSolved">Whether that solves the task.</param>
/// <param name="Updates">Updates made.</param>
/// <param name="FirstNorms">‖∂L/∂h(t)‖, of an LSTM ‖∂L/∂c(t)‖, at the asked rows, relative to the last, before training.</param>
/// <param name="LastNorms">The same after it.</param>
internal sealed record TaskResult(double Score, bool IsSolved, int Updates, double[] FirstNorms, double[] LastNorms);

/// <summary>Trains one network on one task.</summary>
internal sealed class TaskTraining
{
    private const int Batch = 32, Held = 256, UpdatesBetweenScores = 100;

    private readonly SequenceTask _task;
    private readonly TaskSettings _settings;
    private readonly TrainingNetwork<float> _network;
    private readonly ExampleSet _batch;
    private readonly ChunkTrainer<float> _trainer;
    private readonly Optimiser<float> _optimiser;
    private readonly ExampleSet _held;
    private readonly ChunkTrainer<float> _judge;

    public TaskTraining(SequenceTask task, CellKind cell, TaskSettings settings)
    {
        (_task, _settings) = (task, settings);
        bool opensGates = settings.OpensGates && cell is not (CellKind.Rnn or CellKind.RnnRelu);
        NetworkPlan plan = new(cell, 1, settings.Units, [], 0) { MemoryRows = opensGates ? task.Length : 0 };
        _network = plan.Create(task.Inputs, task.Outputs);
        _network.Initialise(settings.Seed);

        LossFunction<float> loss = new([.. Enumerable.Range(0, task.Outputs).Select(k => new OutputLoss(k, LossKind.Squared))]);
        int threads = Environment.ProcessorCount;
        _batch = task.CreateBatch(Batch);
        _trainer = new(_network, loss, _batch, Batch, task.Length, threads);
        _optimiser = new(_network, OptimiserSettings.Default with { ClipNorm = 1 });
        _held = task.CreateBatch(Held);
        task.Draw(_held, new RandomStream(settings.Seed, 1));
        _judge = new(_network, loss, _held, Held, task.Length, threads);
    }

    /// <summary>Trains until the task is solved or the updates are used up.</summary>
    /// <param name="rows">Rows whose gradient is asked for.</param>
    public TaskResult Run(params int[] rows)
    {
        RandomStream random = new(_settings.Seed, 2);
        double[] first = Norms(rows);
        (double score, int update) = (Score(), 0);
        while (update < _settings.MaxUpdates && !_task.IsSolved(score))
        {
            for (int i = 0; i < UpdatesBetweenScores; i++, update++)
            {
                _task.Draw(_batch, random);
                _ = _trainer.Learn(Chunk(Batch), _task.Length);
                _optimiser.Update(_trainer.Gradients, RateAt(update));
            }

            score = Score();
        }

        return new TaskResult(score, _task.IsSolved(score), update, first, Norms(rows));
    }

    // Falls along a cosine to a tenth: great steps first, small ones in the end.
    private double RateAt(int update) =>
        _settings.LearningRate * (0.55 + (0.45 * Math.Cos(Math.PI * update / _settings.MaxUpdates)));

    private LaneChunk[] Chunk(int sequences) =>
        [.. Enumerable.Range(0, sequences).Select(i => new LaneChunk(i * _task.Length, _task.Length, Reset: true))];

    private double Score()
    {
        _judge.Evaluate(Chunk(Held), _task.Length);
        (float[] answers, float[] wanted) = (new float[Held * _task.Outputs], new float[Held * _task.Outputs]);
        for (int i = 0; i < answers.Length; i++)
        {
            (int sequence, int k) = (i / _task.Outputs, i % _task.Outputs);
            int last = ((_task.Length - 1) * _task.Outputs) + k;
            answers[i] = _judge[sequence / Lanes.Count].Output.Span[(last * Lanes.Count) + (sequence % Lanes.Count)];
            wanted[i] = _held.Targets[(sequence * _task.Length * _task.Outputs) + last];
        }

        return _task.Score(answers, wanted);
    }

    // Over all held sequences and units.
    private double[] Norms(int[] rows)
    {
        _judge.Learn(Chunk(Held), _task.Length);
        double last = Norm(_task.Length - 1);
        return [.. rows.Select(row => Norm(row) / last)];
    }

    private double Norm(int row)
    {
        double sum = 0;
        int stride = _settings.Units * Lanes.Count;
        for (int group = 0; group < Held / Lanes.Count; group++)
        {
            foreach (float value in _judge[group][0].StateGradient.Span.Slice(row * stride, stride))
            {
                sum += (double)value * value;
            }
        }

        return Math.Sqrt(sum);
    }
}
