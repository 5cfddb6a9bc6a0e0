// Whitening: against the true distance, calibrated on noise, contributions, missing channels, what teaches and what does not.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Anomaly;

public class ResidualWhiteningTests
{
    [Fact]
    public void The_score_is_that_of_the_Mahalanobis_distance()
    {
        // Two channels correlated by 0.8, of spread 1 and 10, about 5 and −3; the inverse is written out by hand.
        ResidualWhitening whitening = new(2, 20_000);
        Random random = new(1);
        for (int row = 0; row < 40_000; row++)
        {
            whitening.Learn(Correlated(random));
        }

        double[] contributions = new double[2];
        foreach ((double a, double b) in new (double, double)[] { (1, 1), (2, -1), (3, 3), (0, 2), (-2, -4) })
        {
            double squared = ((a * a) - (1.6 * a * b) + (b * b)) / (1 - 0.64);
            double z = ChiSquared.EquivalentZ(squared, 2);
            Assert.Equal(z, whitening.Score([a + 5, (10 * b) - 3], contributions), 0.08 * (1 + Math.Abs(z)));
        }

        Assert.InRange(whitening.Shrinkage, 0.01, 0.011);
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(3, 1000)]
    [InlineData(16, 1000)]
    [InlineData(16, 200)]
    [InlineData(64, 2000)]
    public void Of_normal_residuals_the_score_exceeds_a_level_as_often_as_a_standard_normal(int channels, double memory)
    {
        int rows = channels == 64 ? 12_000 : 30_000;
        ResidualWhitening whitening = new(channels, memory);
        Random random = new(channels);
        double[] contributions = new double[channels];
        int above = 0, farAbove = 0;
        for (int row = 0; row < rows; row++)
        {
            double[] residuals = Mixed(random, channels);
            double score = whitening.Score(residuals, contributions);
            whitening.Learn(residuals);
            above += row >= 2 * memory && score > 1.645 ? 1 : 0;
            farAbove += row >= 2 * memory && score > 3.09 ? 1 : 0;
        }

        double scored = rows - (2 * memory);
        Assert.InRange(above / scored, 0.05 * 0.75, 0.05 * 1.45);
        Assert.InRange(farAbove / scored, 0.001 * 0.2, 0.001 * 3.5);
    }

    [Fact]
    public void Few_rows_of_many_channels_give_no_wild_scores()
    {
        ResidualWhitening whitening = new(32, 1000);
        Random random = new(3);
        double[] contributions = new double[32];
        for (int row = 0; row < 300; row++)
        {
            double[] residuals = Mixed(random, 32);
            double score = whitening.Score(residuals, contributions);
            Assert.True(row < ResidualWhitening.WarmUpRows ? double.IsNaN(score) : score < 6, $"row {row} scores {score}");
            whitening.Learn(residuals);
        }
    }

    [Fact]
    public void Units_do_not_matter()
    {
        ResidualWhitening plain = new(2, 500);
        ResidualWhitening scaled = new(2, 500);
        Random random = new(4);
        double[] contributions = new double[2];
        double[] others = new double[2];
        for (int row = 0; row < 2000; row++)
        {
            double[] residuals = Correlated(random);
            double[] inOtherUnits = [residuals[0] * 1e-7, residuals[1] * 1e9];
            Assert.Equal(plain.Score(residuals, contributions), scaled.Score(inOtherUnits, others), 6);
            Assert.Equal(contributions[0], others[0], 6);
            plain.Learn(residuals);
            scaled.Learn(inOtherUnits);
        }
    }

    [Fact]
    public void Contributions_sum_to_1_and_name_the_channel_that_left_the_others()
    {
        ResidualWhitening whitening = Settled(8, 1000, out Random random);
        double[] contributions = new double[8];
        for (int row = 0; row < 200; row++)
        {
            double[] residuals = Mixed(random, 8);
            int guilty = row % 8;
            residuals[guilty] += 8;
            Assert.True(whitening.Score(residuals, contributions) > 4);
            Assert.Equal(1, contributions.Sum(), 9);
            Assert.All(contributions, contribution => Assert.InRange(contribution, 0, 1));
            Assert.Equal(guilty, Array.IndexOf(contributions, contributions.Max()));
        }
    }

    [Fact]
    public void Channels_that_move_together_share_and_one_that_breaks_away_bears_it()
    {
        ResidualWhitening whitening = new(3, 2000);
        Random random = new(5);
        for (int row = 0; row < 10_000; row++)
        {
            double common = Normal(random);
            whitening.Learn([common + (0.4 * Normal(random)), common + (0.4 * Normal(random)), Normal(random)]);
        }

        double[] contributions = new double[3];
        double together = whitening.Score([4, 4, 1], contributions);
        Assert.InRange(contributions[0], 0.25, 0.75);
        Assert.InRange(contributions[1], 0.25, 0.75);
        Assert.InRange(contributions[2], 0, 0.1);

        double apart = whitening.Score([4, 0, 1], contributions);
        Assert.True(apart > 1.5 * together, $"{apart} apart, {together} together");
        Assert.InRange(contributions[0], 0.95, 1);
        Assert.True(whitening.Score([0, 0, 0], contributions) < 0);
    }

    [Fact]
    public void A_missing_channel_is_left_out_as_if_it_had_never_been_there()
    {
        ResidualWhitening three = new(3, 500);
        ResidualWhitening two = new(2, 500);
        Random random = new(6);
        double[] contributions = new double[3];
        for (int row = 0; row < 3000; row++)
        {
            double common = random.NextDouble();
            double[] residuals = [common, common + random.NextDouble(), common + random.NextDouble()];
            three.Learn(residuals);
            two.Learn([residuals[0], residuals[2]]);
        }

        foreach (double missing in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e101 })
        {
            double expected = two.Score([2, 0], new double[2]);
            Assert.Equal(expected, three.Score([2, missing, 0], contributions), 0.03 * expected);
            Assert.Equal(0, contributions[1]);
            Assert.Equal(1, contributions.Sum(), 9);
        }

        Assert.True(double.IsNaN(three.Score([double.NaN, double.NaN, double.NaN], contributions)));
        Assert.Equal([0, 0, 0], contributions);
    }

    [Fact]
    public void Values_missing_now_here_now_there_leave_every_score_finite()
    {
        // Three channels, never all at once, each pair correlated in a way that no three could be: +1, +1, −1.
        ResidualWhitening whitening = new(3, 300);
        Random random = new(7);
        double[] contributions = new double[3];
        for (int row = 0; row < 3000; row++)
        {
            double common = Normal(random);
            double[] residuals = (row % 3) switch
            {
                0 => [common, common, double.NaN],
                1 => [common, double.NaN, common],
                _ => [double.NaN, common, -common],
            };
            double score = whitening.Score(residuals, contributions);
            Assert.True(row < 30 || double.IsFinite(score));
            whitening.Learn(residuals);
        }

        Assert.True(double.IsFinite(whitening.Score([1, 1, -1], contributions)));
        Assert.True(whitening.Shrinkage > 0.4);
    }

    [Fact]
    public void An_anomaly_does_not_teach_that_it_is_normal()
    {
        ResidualWhitening whitening = Settled(4, 1000, out _);
        double[] contributions = new double[4];
        double before = whitening.Score([30, -30, 30, 0], contributions);
        for (int row = 0; row < 10; row++)
        {
            whitening.Learn([30, -30, 30, 0]);
        }

        Assert.True(whitening.Score([30, -30, 30, 0], contributions) > 0.7 * before);
    }

    [Theory]
    [InlineData(50, 1)]
    [InlineData(0, 20)]
    [InlineData(1e6, 100)]
    public void A_lasting_change_is_learned_in_the_end(double level, double spread)
    {
        ResidualWhitening whitening = Settled(4, 300, out Random random);
        double[] contributions = new double[4];
        int high = 0;
        for (int row = 0; row < 6000; row++)
        {
            double[] residuals = [.. Mixed(random, 4).Select(value => level + (spread * value))];
            high += row >= 5000 && whitening.Score(residuals, contributions) > 3.09 ? 1 : 0;
            whitening.Learn(residuals);
        }

        Assert.InRange(high, 0, 10);
    }

    [Fact]
    public void A_channel_that_never_moved_is_far_out_when_it_does_and_learned_in_the_end()
    {
        ResidualWhitening whitening = new(2, 200);
        Random random = new(8);
        double[] contributions = new double[2];
        for (int row = 0; row < 1000; row++)
        {
            whitening.Learn([Normal(random), 0.1]);
        }

        Assert.True(double.IsFinite(whitening.Score([0, 0.1], contributions)));
        Assert.True(whitening.Score([0, 0.2], contributions) > 100);
        Assert.Equal(1, contributions[1], 6);
        for (int row = 0; row < 5000; row++)
        {
            whitening.Learn([Normal(random), Normal(random)]);
        }

        Assert.InRange(whitening.Score([0, 2], contributions), 0.5, 3);
    }

    [Fact]
    public void Residuals_that_are_all_0_score_low_and_name_nobody()
    {
        ResidualWhitening whitening = new(2, 100);
        for (int row = 0; row < 100; row++)
        {
            whitening.Learn([0, 0]);
        }

        double[] contributions = [1, 1];
        Assert.InRange(whitening.Score([0, 0], contributions), -ExponentialMoments.ZLimit, 0);
        Assert.Equal([0, 0], contributions);
    }

    [Fact]
    public void Nothing_that_comes_in_spoils_it_for_ever()
    {
        ResidualWhitening whitening = Settled(4, 100, out Random random);
        double[] contributions = new double[4];
        double[] absurd = [double.NaN, double.PositiveInfinity, double.MaxValue, 1e100, -1e100, 1e-300, 0, 1];
        for (int row = 0; row < 2000; row++)
        {
            double[] residuals = [.. Enumerable.Range(0, 4).Select(_ => absurd[random.Next(absurd.Length)])];
            double score = whitening.Score(residuals, contributions);
            Assert.False(double.IsInfinity(score));
            Assert.All(contributions, contribution => Assert.InRange(contribution, 0, 1));
            whitening.Learn(residuals);
        }

        int high = 0;
        for (int row = 0; row < 70_000; row++)
        {
            double[] residuals = Mixed(random, 4);
            double score = whitening.Score(residuals, contributions);
            Assert.True(double.IsFinite(score));
            high += row >= 60_000 && score > 1.645 ? 1 : 0;
            whitening.Learn(residuals);
        }

        Assert.InRange(high, 300, 800);
    }

    [Fact]
    public void State_carries_over_to_the_last_bit()
    {
        ResidualWhitening first = Settled(5, 1000, out Random random);
        double[] some = Mixed(random, 5);
        some[2] = double.NaN;
        first.Learn(some);   // between two refreshes, with the factor of four channels
        first.Score(some, new double[5]);
        StateWriter writer = new();
        first.Save(writer);
        ResidualWhitening second = new(5, 1000);
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        double[] contributions = new double[5];
        double[] others = new double[5];
        for (int row = 0; row < 100; row++)
        {
            double[] residuals = Mixed(random, 5);
            residuals[2] = row < 50 ? double.NaN : residuals[2];
            Assert.Equal(first.Score(residuals, contributions), second.Score(residuals, others));
            Assert.Equal(contributions, others);
            first.Learn(residuals);
            second.Learn(residuals);
        }
    }

    [Fact]
    public void State_of_other_channels_is_refused()
    {
        StateWriter writer = new();
        new ResidualWhitening(5, 1000).Save(writer);
        FormatException found = Assert.Throws<FormatException>(() =>
        {
            StateReader reader = new(writer.Written);
            new ResidualWhitening(4, 1000).Restore(ref reader);
        });
        Assert.Equal("a saved whitening has 5 channels; expected 4", found.Message);
    }

    [Fact]
    public void Limits_are_held()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResidualWhitening(0, 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResidualWhitening(65, 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResidualWhitening(1, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResidualWhitening(2, 100).Score([1], new double[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResidualWhitening(2, 100).Score([1, 2], new double[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResidualWhitening(2, 100).Learn([1]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public void Scoring_and_learning_allocates_nothing(int channels)
    {
        ResidualWhitening whitening = Settled(channels, 500, out Random random);
        double[][] rows = [.. Enumerable.Range(0, 300).Select(_ => Mixed(random, channels))];
        rows[100][0] = double.NaN;
        double[] contributions = new double[channels];
        Allocation.AssertNone(() =>
        {
            foreach (double[] row in rows)
            {
                whitening.Score(row, contributions);
                whitening.Learn(row);
            }
        });
    }

    private static ResidualWhitening Settled(int channels, double memory, out Random random)
    {
        ResidualWhitening whitening = new(channels, memory);
        random = new(9);
        for (int row = 0; row < 3 * memory; row++)
        {
            whitening.Learn(Mixed(random, channels));
        }

        return whitening;
    }

    private static double[] Correlated(Random random)
    {
        double a = Normal(random);
        return [a + 5, (10 * ((0.8 * a) + (0.6 * Normal(random)))) - 3];
    }

    // Noise of which every second channel leans on the one before.
    private static double[] Mixed(Random random, int channels)
    {
        double[] residuals = new double[channels];
        for (int i = 0; i < channels; i++)
        {
            residuals[i] = i % 2 == 0 ? Normal(random) : (0.7 * residuals[i - 1]) + (0.7 * Normal(random));
        }

        return residuals;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
