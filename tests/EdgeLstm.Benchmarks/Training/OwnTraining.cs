// A training of one case by the trainer's own parts: chunk → gradients → update, as Trainer goes through an epoch.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Training;
using EdgeLstm.Training.Losses;
using EdgeLstm.Training.Optimisation;

namespace EdgeLstm.Benchmarks.Training;

/// <summary>Trains in this process.</summary>
internal static class OwnTraining
{
    private static readonly OptimiserSettings Adam = OptimiserSettings.Default with
    {
        LearningRate = SpeedCase.LearningRate,
        Decay = DecayKind.None,
        ClipNorm = double.PositiveInfinity,
    };

    /// <summary>One training from the first weights.</summary>
    public static Round Run(SpeedCase one, int threads, int updates = SpeedCase.Updates)
    {
        (long before, long allocatedBefore) = (StartOfGrowth(), GC.GetTotalAllocatedBytes());
        TrainingNetwork<float> network = one.CreateNetwork();
        LossFunction<float> loss = new([new OutputLoss(0, LossKind.Squared)]);
        ChunkTrainer<float> trainer = new(network, loss, one.Examples, SpeedCase.Batch, SpeedCase.Steps, threads);
        Optimiser<float> optimiser = new(network, Adam);
        double[] losses = new double[updates];
        long start = Stopwatch.GetTimestamp();
        for (int update = 0; update < updates; update++)
        {
            ChunkLoss found = trainer.Learn(SpeedCase.Chunk(update), SpeedCase.Steps);
            optimiser.Update(trainer.Gradients, Adam.LearningRate);
            losses[update] = found.Sum / found.Weight;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        // Freed memory of the last round may be used again: then what was allocated says more than what is resident.
        long allocated = GC.GetTotalAllocatedBytes() - allocatedBefore;
        return new Round(seconds, losses, Math.Max(allocated, Resident("VmHWM") - before));
    }

    private static long StartOfGrowth()
    {
        File.WriteAllText("/proc/self/clear_refs", "5");   // the peak counts from here
        return Resident("VmRSS");
    }

    private static long Resident(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return 1024 * long.Parse(line[(name.Length + 1)..^2], CultureInfo.InvariantCulture);
    }
}
