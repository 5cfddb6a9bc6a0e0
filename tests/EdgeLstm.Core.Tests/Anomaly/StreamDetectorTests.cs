// The default detector: what it finds, what it must not see, and that it is the same after it was cut, saved and restored.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Anomaly;

public sealed class StreamDetectorTests
{
    private const int WarmUp = 300;

    [Fact]
    public void A_spike_a_stop_and_a_new_level_stand_out_from_a_noisy_wave()
    {
        float[] rows = Wave(3000, seed: 1);
        rows[1500] += 40;
        Array.Fill(rows, rows[2000], 2000, 120);
        for (int i = 2600; i < rows.Length; i++)
        {
            rows[i] += 25;
        }

        double[] news = Run(Detector(), rows).News;
        double usual = Highest(news, WarmUp, 1400);
        Assert.True(Highest(news, 1500, 1510) > 3 * usual, $"{Highest(news, 1500, 1510)} against {usual}");
        Assert.True(Highest(news, 2000, 2120) > usual, $"{Highest(news, 2000, 2120)} against {usual}");
        Assert.True(Highest(news, 2600, 2640) > 3 * usual, $"{Highest(news, 2600, 2640)} against {usual}");
    }

    [Fact]
    public void A_score_depends_on_nothing_that_comes_after_it()
    {
        var random = new Random(4);
        float[] rows = Wave(2000, seed: 2);
        (double[] scores, double[] news) = Run(Detector(), rows);
        for (int k = 0; k < 20; k++)
        {
            int cut = 1 + random.Next(rows.Length - 1);
            (double[] cutScores, double[] cutNews) = Run(Detector(), rows[..cut]);
            Assert.Equal(scores[..cut], cutScores);
            Assert.Equal(news[..cut], cutNews);
        }
    }

    [Theory]
    [InlineData(120)]
    [InlineData(WarmUp)]
    [InlineData(1234)]
    public void It_goes_on_after_a_restart_as_if_there_had_been_none(int cut)
    {
        float[] rows = Wave(2000, seed: 3);
        double[] whole = Run(Detector(), rows).News;
        StreamDetector first = Detector();
        Run(first, rows[..cut]);
        var writer = new StateWriter();
        first.Save(writer);
        StreamDetector second = Detector();
        var reader = new StateReader(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        Assert.Equal(whole[cut..], Run(second, rows[cut..]).News);
    }

    [Fact]
    public void A_state_of_another_shape_is_refused()
    {
        var writer = new StateWriter();
        StreamDetector two = new(new DetectorSetup(2, WarmUp, 0), DetectorSettings.Default);
        two.Save(writer);
        byte[] state = writer.Written.ToArray();
        Assert.Throws<FormatException>(() =>
        {
            var reader = new StateReader(state.AsSpan(0, state.Length / 3));
            Detector().Restore(ref reader);
        });
    }

    [Fact]
    public void Missing_and_endless_values_leave_it_as_good_as_before()
    {
        float[] rows = Wave(4000, seed: 5);
        var random = new Random(6);
        for (int i = 0; i < 2500; i++)
        {
            rows[i] = random.Next(20) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => rows[i] };
        }

        Array.Fill(rows, float.NaN, 1000, 200);
        rows[3500] += 40;
        (double[] scores, double[] news) = Run(Detector(), rows);
        Assert.All(scores[3000..], score => Assert.True(double.IsFinite(score)));
        Assert.True(Highest(news, 3500, 3510) > 3 * Highest(news, 3000, 3500));
    }

    [Fact]
    public void A_stream_that_stands_still_scores_nothing_until_it_moves()
    {
        float[] rows = new float[1000];
        Array.Fill(rows, 21.5f);
        rows[900] = 22;
        double[] news = Run(Detector(), rows).News;
        Assert.Equal(0, Highest(news, 0, 900));
        Assert.True(news[900] > 20);
    }

    [Fact]
    public void What_two_channels_do_is_told_by_channel()
    {
        float[] left = Wave(2000, seed: 7), right = Wave(2000, seed: 8);
        right[1800] += 50;
        StreamDetector detector = new(new DetectorSetup(2, WarmUp, 0), DetectorSettings.Default);
        for (int i = 0; i <= 1800; i++)
        {
            detector.Step([left[i], right[i]]);
        }

        Assert.Equal([0, 1], detector.Contributions.ToArray());
    }

    [Fact]
    public void Stepping_allocates_nothing()
    {
        float[] rows = Wave(2000, seed: 9);
        StreamDetector detector = Detector();
        Run(detector, rows);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (float row in rows)
        {
            detector.Step(new ReadOnlySpan<float>(in row));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static StreamDetector Detector() => new(new DetectorSetup(1, WarmUp, 0), DetectorSettings.Default);

    private static float[] Wave(int count, int seed)
    {
        var random = new Random(seed);
        float[] rows = new float[count];
        for (int i = 0; i < count; i++)
        {
            double noise = random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5;
            rows[i] = (float)(50 + (10 * Math.Sin(i / 20.0)) + (2 * noise));
        }

        return rows;
    }

    private static double Highest(double[] scores, int from, int to) => scores[from..to].Max();

    private static (double[] Scores, double[] News) Run(StreamDetector detector, float[] rows)
    {
        double[] scores = new double[rows.Length], news = new double[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            (scores[i], news[i]) = detector.Step(new ReadOnlySpan<float>(in rows[i]));
        }

        return (scores, news);
    }
}
