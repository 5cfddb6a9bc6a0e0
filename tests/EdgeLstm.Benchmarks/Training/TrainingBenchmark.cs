// What training costs beside PyTorch: the same model, data, batches, updates and threads, in turns in one run.

using System.Globalization;
using EdgeLstm.Worker.Tests;

namespace EdgeLstm.Benchmarks.Training;

/// <summary>Measures both in turns, so that whatever slows the machine slows both, and prints a table of medians.</summary>
internal static class TrainingBenchmark
{
    private const int DefaultRounds = 5;
    private const int Block = 100;               // updates over which curves are compared
    private const double Tolerance = 0.01;       // relative difference of two losses: rounding grows with every update

    private static readonly (SpeedCase Case, double Aim)[] Cases =
        [(new(5, 32, 1), 3), (new(5, 64, 1), 2), (new(8, 64, 2), 2)];

    /// <summary>Prints a line for each case and number of threads; 5 where the loss curves differ. <c>training [ROUNDS [THREADS]]
    /// [--alone]</c>: for 2 threads and for 1 unless said; alone: without PyTorch.</summary>
    public static int Run(string[] args)
    {
        int[] numbers = [.. args.Where(word => int.TryParse(word, out _)).Select(int.Parse)];
        int rounds = numbers.Length > 0 ? numbers[0] : DefaultRounds;
        int[] threadCounts = numbers.Length > 1 ? numbers[1..] : [2, 1];
        string folder = Path.Combine(RepositoryRoot.Path, "artifacts", "compare", "training");
        Directory.CreateDirectory(folder);
        Console.WriteLine($"LSTM and a linear head, batches of {SpeedCase.Batch} sequences of {SpeedCase.Steps} steps, "
            + $"{SpeedCase.Updates} updates by Adam, float; medians of {rounds} rounds");
        _ = OwnTraining.Run(new SpeedCase(2, 6, 1), threads: 2);   // compiled now, and not in the first case
        bool agrees = true;
        string? version = null;
        List<string> lines = [];
        foreach (int threads in threadCounts)
        {
            foreach ((SpeedCase one, double aim) in Cases)
            {
                using PyTorchPeer? peer = args.Contains("--alone") ? null : PyTorchPeer.Start(one, folder, threads);
                version = peer?.Version ?? version;
                lines.Add(Measure(one, aim, threads, rounds, peer, ref agrees));
                Console.Error.WriteLine(lines[^1]);
            }
        }

        Console.WriteLine(version ?? "PyTorch is missing or was not asked for (apt-get install python3-torch)");
        Console.WriteLine();
        Console.WriteLine("| model | threads | edgelstm ms per update | PyTorch ms per update | ratio (aim) "
            + $"| largest difference of the losses, by {Block} updates | edgelstm memory | PyTorch memory |");
        Console.WriteLine("|---|---:|---:|---:|---:|---|---:|---:|");
        lines.ForEach(Console.WriteLine);
        return agrees ? 0 : 5;
    }

    private static string Measure(SpeedCase one, double aim, int threads, int rounds, PyTorchPeer? peer, ref bool agrees)
    {
        List<Round> own = [], theirs = [];
        for (int round = 0; round < rounds; round++)
        {
            own.Add(OwnTraining.Run(one, threads));
            if (peer is not null)
            {
                theirs.Add(peer.Train());
            }
        }

        string line = Invariant($"| {one.Name} | {threads} | {MedianMs(own):F2} ");
        if (theirs.Count == 0)
        {
            return line + Invariant($"| – | – | – | {MegaBytes(own):F1} MB | – |");
        }

        double[] differences = Differences(own[0].Losses, theirs[0].Losses);
        agrees &= differences.All(difference => difference < Tolerance);
        return line
            + Invariant($"| {MedianMs(theirs):F2} | {MedianMs(theirs) / MedianMs(own):F1} (≥ {aim}) ")
            + $"| {string.Join(", ", differences.Select(difference => Invariant($"{difference:0.0e+0}")))} "
            + Invariant($"| {MegaBytes(own):F1} MB | {MegaBytes(theirs):F1} MB |");
    }

    private static double[] Differences(double[] own, double[] theirs) =>
        [.. own.Zip(theirs, (a, b) => Math.Abs(a - b) / b).Chunk(Block).Select(block => block.Max())];

    private static double MedianMs(List<Round> rounds) =>
        rounds.Select(round => round.Seconds).Order().ElementAt(rounds.Count / 2) * 1000 / SpeedCase.Updates;

    private static double MegaBytes(List<Round> rounds) => rounds.Max(round => round.Growth) / 1e6;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
