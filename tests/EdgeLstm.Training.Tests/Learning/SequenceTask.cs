// Tasks of the textbooks: a sequence is read, and an answer given at its end.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Tests.Learning;

/// <summary>Sequences of one length, drawn anew for every batch.</summary>
/// <param name="length">Rows from the first to the one of the answer.</param>
internal abstract class SequenceTask(int length)
{
    /// <summary>Rows of a sequence.</summary>
    public int Length { get; } = length;

    public abstract string Name { get; }

    /// <summary>Inputs of a row.</summary>
    public abstract int Inputs { get; }

    /// <summary>Numbers of the answer.</summary>
    public abstract int Outputs { get; }

    /// <summary>What <see cref="Score"/> means.</summary>
    public abstract string ScoreName { get; }

    /// <summary>Whether a score solves the task.</summary>
    public abstract bool IsSolved(double score);

    /// <summary>How well answers fit [sequences, Outputs].</summary>
    public abstract double Score(float[] answers, float[] wanted);

    /// <summary>Room for a batch; only the last row of a sequence is learned from.</summary>
    public ExampleSet CreateBatch(int sequences)
    {
        int rows = sequences * Length;
        float[] weights = new float[rows * Outputs];
        for (int sequence = 1; sequence <= sequences; sequence++)
        {
            weights.AsSpan(((sequence * Length) - 1) * Outputs, Outputs).Fill(1);
        }

        return new(Inputs, Outputs, new float[rows * Inputs], new float[rows * Outputs], weights, [new RowRange(0, rows)]);
    }

    /// <summary>Fills a batch with new sequences.</summary>
    public void Draw(ExampleSet batch, RandomStream random)
    {
        Array.Clear(batch.Inputs);
        for (int row = 0; row < batch.Rows; row += Length)
        {
            Draw(batch.Inputs.AsSpan(row * Inputs, Length * Inputs),
                batch.Targets.AsSpan((row + Length - 1) * Outputs, Outputs), random);
        }
    }

    /// <summary>Draws one sequence.</summary>
    /// <param name="inputs">[Length, Inputs], zero.</param>
    /// <param name="answer">[Outputs]</param>
    /// <param name="random">From here.</param>
    protected abstract void Draw(Span<float> inputs, Span<float> answer, RandomStream random);
}
