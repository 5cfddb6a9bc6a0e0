// A network over rows in the order of time, without learning: its state carried on, or a window from a zero state for each row.

using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Data;

/// <summary>What a network gives for rows of a set, in standardised numbers.</summary>
internal static unsafe class NetworkSweep
{
    private const int ChunkSteps = 128;

    /// <summary>One sequence, its state carried.</summary>
    /// <param name="network">The network.</param>
    /// <param name="examples">Its inputs.</param>
    /// <param name="rows">Rows to answer for.</param>
    /// <param name="lead">Rows before the first, and behind every gap, from which the state is carried.</param>
    /// <returns>[rows, outputs]; NaN where fewer rows than the lead lie before in the stretch.</returns>
    public static float[] Carried(TrainingNetwork<float> network, ExampleSet examples, RowRange rows, int lead)
    {
        float[] answers = NoAnswers(network, rows);
        Sequence sequence = new(network, examples, ChunkSteps);
        foreach (RowRange stretch in examples.Stretches)
        {
            RowRange wanted = stretch.Intersect(rows);
            wanted = wanted with { Begin = Math.Max(wanted.Begin, stretch.Begin + lead) };
            if (wanted.Count <= 0)
            {
                continue;
            }

            sequence.Reset(0);
            for (int row = wanted.Begin - lead; row < wanted.End; row += ChunkSteps)
            {
                int steps = Math.Min(ChunkSteps, wanted.End - row);
                sequence.Put(0, row, steps);
                sequence.Run(steps);
                for (int step = Math.Max(0, wanted.Begin - row); step < steps; step++)
                {
                    sequence.Take(0, step, AnswersOf(answers, rows, row + step, network.OutputSize));
                }
            }
        }

        return answers;
    }

    /// <summary>A window for each row, several side by side.</summary>
    /// <param name="network">The network.</param>
    /// <param name="examples">Its inputs.</param>
    /// <param name="rows">Rows to answer for.</param>
    /// <param name="window">Rows of a window, the last of which is answered for.</param>
    /// <returns>[rows, outputs]; NaN where the window would reach over a gap.</returns>
    public static float[] Windows(TrainingNetwork<float> network, ExampleSet examples, RowRange rows, int window)
    {
        float[] answers = NoAnswers(network, rows);
        Sequence sequence = new(network, examples, window);
        foreach (RowRange stretch in examples.Stretches)
        {
            RowRange wanted = stretch.Intersect(rows);
            for (int row = Math.Max(wanted.Begin, stretch.Begin + window - 1); row < wanted.End; row += Lanes.Count)
            {
                int count = Math.Min(Lanes.Count, wanted.End - row);
                for (int lane = 0; lane < count; lane++)
                {
                    sequence.Reset(lane);
                    sequence.Put(lane, row + lane - window + 1, window);
                }

                sequence.Run(window);
                for (int lane = 0; lane < count; lane++)
                {
                    sequence.Take(lane, window - 1, AnswersOf(answers, rows, row + lane, network.OutputSize));
                }
            }
        }

        return answers;
    }

    private static float[] NoAnswers(TrainingNetwork<float> network, RowRange rows)
    {
        float[] answers = new float[rows.Count * network.OutputSize];
        Array.Fill(answers, float.NaN);
        return answers;
    }

    private static Span<float> AnswersOf(float[] answers, RowRange rows, int row, int outputs) =>
        answers.AsSpan((row - rows.Begin) * outputs, outputs);

    /// <summary>One group of lanes and what it reads.</summary>
    private sealed class Sequence(TrainingNetwork<float> network, ExampleSet examples, int steps)
    {
        private readonly NetworkRun<float> _run = new(network, steps);
        private readonly PinnedBuffer<float> _inputs = new(steps * examples.InputSize * Lanes.Count);

        public void Reset(int lane) => _run.ResetState(lane);

        public void Put(int lane, int row, int count)
        {
            ReadOnlySpan<float> values = examples.Inputs.AsSpan(row * examples.InputSize, count * examples.InputSize);
            for (int i = 0; i < values.Length; i++)
            {
                _inputs.Pointer[(i * Lanes.Count) + lane] = values[i];
            }
        }

        public void Run(int count) => _run.Forward(_inputs.Pointer, count);

        public void Take(int lane, int step, Span<float> answers)
        {
            for (int k = 0; k < answers.Length; k++)
            {
                answers[k] = _run.Output.Pointer[(((step * answers.Length) + k) * Lanes.Count) + lane];
            }
        }
    }
}
