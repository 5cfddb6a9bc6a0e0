// Delayed recall:  one symbol is marked at the beginning; others follow; at the end the marked one is asked for.

namespace EdgeLstm.Training.Tests.Learning;

/// <summary>Each row has one of 8 symbols and a mark, which only the first row has. Who guesses is right once in 8.</summary>
/// <remarks>As experiments 2 and 3 of Hochreiter, Schmidhuber (1997), "Long Short-Term Memory": symbols that do not count lie
/// between the one that does and the answer.</remarks>
/// <param name="delay">Rows between the symbol and the answer.</param>
internal sealed class DelayedRecall(int delay) : SequenceTask(delay + 1)
{
    private const int Symbols = 8;
    private const double SolvedFrom = 0.99;

    public override string Name => "recall";

    public override int Inputs => Symbols + 1;

    public override int Outputs => Symbols;

    public override string ScoreName => "share of right answers";

    public override bool IsSolved(double score) => score >= SolvedFrom;

    public override double Score(float[] answers, float[] wanted)
    {
        int right = 0;
        for (int at = 0; at < answers.Length; at += Symbols)
        {
            right += IndexOfMax(answers.AsSpan(at, Symbols)) == IndexOfMax(wanted.AsSpan(at, Symbols)) ? 1 : 0;
        }

        return (double)right * Symbols / answers.Length;
    }

    protected override void Draw(Span<float> inputs, Span<float> answer, RandomStream random)
    {
        int wanted = random.Next(Symbols);
        for (int row = 0; row < Length; row++)
        {
            inputs[(row * Inputs) + (row == 0 ? wanted : random.Next(Symbols))] = 1;
        }

        inputs[Symbols] = 1;
        answer.Clear();
        answer[wanted] = 1;
    }

    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }
}
