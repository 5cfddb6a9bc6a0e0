// The adding problem:  the sum of the two marked ones among many numbers.

namespace EdgeLstm.Training.Tests.Learning;

/// <summary>Each row has a number from 0 to 1 and a mark; one of the first half and one of the second are marked. Who always
/// answers 1 has a mean squared error of 1/6.</summary>
/// <remarks>Hochreiter, Schmidhuber (1997), "Long Short-Term Memory", experiment 4; in the form of Arjovsky, Shah, Bengio
/// (2016).</remarks>
internal sealed class AddingProblem(int length) : SequenceTask(length)
{
    /// <summary>A hundredth of what the answer 1 gives, nearly.</summary>
    private const double SolvedBelow = 0.002;

    public override string Name => "adding";

    public override int Inputs => 2;

    public override int Outputs => 1;

    public override string ScoreName => "mean squared error";

    public override bool IsSolved(double score) => score < SolvedBelow;

    public override double Score(float[] answers, float[] wanted)
    {
        double sum = 0;
        for (int i = 0; i < answers.Length; i++)
        {
            sum += Math.Pow(answers[i] - wanted[i], 2);
        }

        return sum / answers.Length;
    }

    protected override void Draw(Span<float> inputs, Span<float> answer, RandomStream random)
    {
        for (int row = 0; row < Length; row++)
        {
            inputs[row * Inputs] = (float)random.NextDouble();
        }

        int half = Length / 2;
        int first = random.Next(half), second = half + random.Next(Length - half);
        inputs[(first * Inputs) + 1] = inputs[(second * Inputs) + 1] = 1;
        answer[0] = inputs[first * Inputs] + inputs[second * Inputs];
    }
}
