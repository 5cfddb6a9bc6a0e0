// The tasks of the textbooks for each cell, as tables:  what is solved, and how much of the gradient reaches the beginning.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Training;
using EdgeLstm.Training.Tests.Learning;

namespace EdgeLstm.Benchmarks.Learning;

/// <summary>The same units, seeds and updates at most for each cell; training ends when the task is solved.</summary>
internal static class LearningTable
{
    private static readonly int[] Lengths = [10, 50, 100, 200];
    private static readonly TaskSettings Settings = new(Units: 32, LearningRate: 0.005, MaxUpdates: 12_000);

    // The vanilla cell gets a second chance with smaller steps; the gated ones also begin as the trainer begins with them.
    private static readonly Variant[] Variants =
    [
        new("rnn", CellKind.Rnn, Settings),
        new("rnn, slower", CellKind.Rnn, Settings with { LearningRate = 0.001 }),
        new("lstm", CellKind.Lstm, Settings),
        new("gru", CellKind.Gru, Settings),
        new("lstm, forget bias 1", CellKind.Lstm, Settings with { OpensGates = false }),
        new("gru, biases 0", CellKind.Gru, Settings with { OpensGates = false }),
    ];

    private sealed record Variant(string Name, CellKind Cell, TaskSettings Settings);

    /// <summary>Prints the tables; <c>learning adding 200 lstm</c> makes only the rows that fit all words.</summary>
    public static int Run(string[] args)
    {
        long start = Stopwatch.GetTimestamp();
        List<string> scores = [], norms = [];
        foreach (int length in Lengths)
        {
            foreach (SequenceTask task in new SequenceTask[] { new AddingProblem(length), new DelayedRecall(length) })
            {
                foreach (Variant variant in Variants)
                {
                    string[] words = [task.Name, $"{length}", variant.Name];
                    if (args.Skip(1).All(words.Contains))
                    {
                        Train(task, length, variant, scores, norms);
                    }
                }
            }
        }

        Print(scores, norms);
        if (args.Length == 1)
        {
            PrintSine();
        }

        Console.WriteLine(Invariant($"\nin all {Stopwatch.GetElapsedTime(start).TotalMinutes:F1} minutes"));
        return 0;
    }

    private static void Train(SequenceTask task, int length, Variant variant, List<string> scores, List<string> norms)
    {
        int last = task.Length - 1;
        TaskResult result = new TaskTraining(task, variant.Cell, variant.Settings).Run(0, last / 4, last / 2, 3 * last / 4);
        string name = $"| {task.Name} | {length} | {variant.Name} ";
        scores.Add(name + Invariant($"| {result.Score:G3} | {(result.IsSolved ? "yes" : "no")} | {result.Updates} |"));
        norms.Add($"{name}| before{Columns(result.FirstNorms)}");
        norms.Add($"{name}| after{Columns(result.LastNorms)}");
        Console.Error.WriteLine($"{scores[^1]} {Columns(result.FirstNorms)} {Columns(result.LastNorms)}");
    }

    private static string Columns(double[] norms) =>
        string.Concat(norms.Select(norm => Invariant($" | {norm:0.0e+0}"))) + " | 1 |";

    private static void Print(List<string> scores, List<string> norms)
    {
        Console.WriteLine($"One layer of {Settings.Units} units, batches of 32 new sequences, Adam, at most "
            + $"{Settings.MaxUpdates} updates; scores on 256 sequences never seen.");
        Console.WriteLine("Adding: mean squared error, solved below 0.002 (always 1: 0.167). Recall: share of right answers, "
            + "solved from 0.99 (guessed: 0.125).\n");
        Console.WriteLine("| task | length | cell | score | solved | updates |\n|---|---:|---|---:|---|---:|");
        scores.ForEach(Console.WriteLine);
        Console.WriteLine("\n‖∂L/∂h(t)‖, of the LSTM ‖∂L/∂c(t)‖, relative to that of the last step T, before and after "
            + "training:\n");
        Console.WriteLine("| task | length | cell | training | t = 1 | T/4 | T/2 | 3T/4 | T |\n"
            + "|---|---:|---|---|---:|---:|---:|---:|---:|");
        norms.ForEach(Console.WriteLine);
    }

    private static void PrintSine()
    {
        Console.WriteLine($"\nA sine of period 25 in noise of 0.2, forecast {NoisySine.Ahead} samples ahead; root mean squared "
            + "error against the sine itself:\n\n| | error |\n|---|---:|");
        Console.WriteLine(Invariant($"| persistence | {NoisySine.OfPersistence():F3} |"));
        foreach (CellKind cell in new[] { CellKind.Rnn, CellKind.Lstm, CellKind.Gru })
        {
            double error = NoisySine.Train(cell, units: 16, epochs: 40);
            Console.WriteLine(Invariant($"| {cell.ToString().ToLowerInvariant()}, 16 units | {error:F3} |"));
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
