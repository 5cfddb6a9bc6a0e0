// What an exact sliding window costs: T staggered states stepped together, against T steps from a zero state for every sample.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Benchmarks;

/// <summary>Measures both in turns in one run, so that whatever slows the machine slows both, and prints the ratio.</summary>
internal static class WindowBenchmark
{
    private const int Window = 32;
    private const int Inputs = 8;
    private const int Rounds = 15;
    private const double RoundMs = 60;

    /// <summary>Prints one line for each cell and hidden size; 5 where the two disagree.</summary>
    public static int Run()
    {
        VectorWidth width = VectorWidths.Best;
        Console.WriteLine($"T = {Window}, I = {Inputs}, {(int)width}-bit vectors; best of {Rounds} rounds of {RoundMs} ms");
        Console.WriteLine("cell    H     carried ns  recomputed ns   window ns   recomputed/window");
        foreach (string cell in new[] { "lstm", "gru" })
        {
            foreach ((int hidden, double aim) in new[] { (64, 2.0), (256, 4.0) })
            {
                var fresh = new Network([Create(cell, hidden, width)]);
                var sliding = new SlidingWindow(new Network([Create(cell, hidden, width)]), Window);
                if (!Agree(fresh, sliding))
                {
                    Console.Error.WriteLine($"{cell} {hidden}: the window and the recomputed answer differ");
                    return 5;
                }

                Measure(cell, hidden, aim, fresh, sliding);
            }
        }

        return 0;
    }

    private static void Measure(string cell, int hidden, double aim, Network fresh, SlidingWindow sliding)
    {
        float[] x = Values(Inputs);
        float[] y = new float[hidden];
        (double carriedNs, double recomputedNs, double windowNs) = (double.MaxValue, double.MaxValue, double.MaxValue);
        for (int round = 0; round < Rounds; round++)
        {
            carriedNs = Math.Min(carriedNs, TimeNs(() => fresh.Step(x, y)));
            recomputedNs = Math.Min(recomputedNs, TimeNs(() => Recompute(fresh, x, y)));
            windowNs = Math.Min(windowNs, TimeNs(() => sliding.Step(x, y)));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{cell,-6}{hidden,5}{carriedNs,14:F0}{recomputedNs,15:F0}{windowNs,12:F0}")
            + string.Create(CultureInfo.InvariantCulture, $"{recomputedNs / windowNs,11:F2} (aim {aim})"));
    }

    // What would be done without staggered states; the samples are the same ones, which costs no less.
    private static void Recompute(Network fresh, float[] x, float[] y)
    {
        fresh.ResetState();
        for (int step = 0; step < Window; step++)
        {
            fresh.Step(x, y);
        }
    }

    private static bool Agree(Network fresh, SlidingWindow sliding)
    {
        float[] found = new float[fresh.OutputSize];
        float[] expected = new float[fresh.OutputSize];
        for (int sample = 0; sample < 2 * Window; sample++)
        {
            sliding.Step(Sample(sample), found);
            fresh.ResetState();
            for (int past = Math.Max(0, sample + 1 - Window); past <= sample; past++)
            {
                fresh.Step(Sample(past), expected);
            }

            if (found.Zip(expected).Any(pair => !(Math.Abs(pair.First - pair.Second) <= 1e-6)))
            {
                return false;
            }
        }

        return true;
    }

    private static double TimeNs(Action step)
    {
        long steps = 0;
        long started = Stopwatch.GetTimestamp();
        double elapsedMs;
        do
        {
            step();
            steps++;
            elapsedMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        while (elapsedMs < RoundMs);
        return elapsedMs * 1e6 / steps;
    }

    private static Layer Create(string cell, int hidden, VectorWidth width) => cell == "lstm"
        ? LstmLayer.Create(
            new(cell, Inputs, hidden, Values(4 * hidden * Inputs), Values(4 * hidden * hidden), Values(4 * hidden)), width)
        : GruLayer.Create(
            new(
                cell, Inputs, hidden, Values(3 * hidden * Inputs), Values(3 * hidden * hidden), Values(3 * hidden),
                Values(hidden), GruReset.After),
            width);

    private static float[] Sample(int sample) => [.. Enumerable.Range(0, Inputs).Select(i => MathF.Sin((sample * 1.7f) + i))];

    private static float[] Values(int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) / 4)];
    }
}
