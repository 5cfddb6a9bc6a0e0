// A head that goes on learning beside a shipped one that is wrong: what teaches it, what is published, what stops it.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Forecasting;

public class AdaptiveHeadTests
{
    private const int Memory = 500;
    private const int Longest = 3;
    private const int Delay = Longest + AdaptiveHead.ConfirmSamples;

    private readonly float[] _outputs = new float[2];
    private readonly float[] _due = new float[2];
    private readonly float[] _trusted = new float[2];
    private readonly Random _random = new(7);
    private double _level = 3;

    [Fact]
    public void It_learns_what_the_shipped_head_gets_wrong_and_is_published_instead()
    {
        ModelForecaster forecaster = Create();
        double before = MeanSquare(forecaster, 1000, out _);
        double after = MeanSquare(forecaster, 3000, out _);
        AdaptiveHead head = forecaster.Head!;
        Assert.True(after < 0.5 * before, $"{after} against {before}");
        for (int output = 0; output < 2; output++)
        {
            HeadContest contest = head.ContestOf(output)!;
            Assert.True(contest.IsAdapted);
            Assert.True(contest.AdaptedError < 0.7 * contest.ShippedError);
        }

        Assert.Null(head.ContestOf(2));
        Assert.Equal(0, head.Resets);
    }

    [Fact]
    public void Without_it_the_same_forecasts_stay_wrong()
    {
        ModelForecaster plain = new(Manifest(), Network(), DetectorSettings.Default);
        Assert.Null(plain.Head);
        double before = MeanSquare(plain, 1000, out _);
        Assert.InRange(MeanSquare(plain, 3000, out _), 0.8 * before, 1.2 * before);
    }

    [Fact]
    public void Each_confirmed_sample_teaches_once_after_its_delay()
    {
        ModelForecaster forecaster = Create();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(Math.Max(0, i - Delay), forecaster.Head!.Learned);
            Feed(forecaster, Next());
        }
    }

    [Fact]
    public void Nothing_is_learned_from_what_came_shortly_before_an_outlier_or_an_alarm_nor_while_it_lasts()
    {
        ModelForecaster forecaster = Create();
        Run(forecaster, 200);
        AdaptiveHead head = forecaster.Head!;
        long learned = head.Learned;
        Feed(forecaster, 50, score: 9);
        for (int i = 0; i < 30; i++)
        {
            Feed(forecaster, 50, score: 1, isRaised: true);
        }

        for (int i = 0; i < Delay; i++)
        {
            Feed(forecaster, Next());
        }

        Assert.Equal(learned, head.Learned);
        Run(forecaster, 3);
        Assert.Equal(learned + 3, head.Learned);   // from samples after the alarm
    }

    [Fact]
    public void From_an_outlier_on_and_while_an_alarm_is_raised_the_shipped_head_is_published()
    {
        ModelForecaster forecaster = Create();
        ModelForecaster plain = new(Manifest(), Network(), DetectorSettings.Default);
        for (int i = 0; i < 1010; i++)
        {
            float value = Next();
            plain.Step([value], [value], _outputs, _due, _trusted);
            float shipped = _outputs[0];
            Feed(forecaster, value, score: i == 1000 ? 9 : 1, isRaised: i is > 1000 and < 1005);
            Assert.Equal(i <= HeadContest.FewestCompared || i is > 1000 and <= 1005, shipped == _outputs[0]);
        }
    }

    [Fact]
    public void Without_a_threshold_or_a_score_nothing_is_confirmed()
    {
        ModelForecaster forecaster = Create();
        for (int i = 0; i < 200; i++)
        {
            Feed(forecaster, Next(), score: i % 2 == 0 ? double.NaN : 1, threshold: double.PositiveInfinity);
        }

        Assert.Equal(0, forecaster.Head!.Learned);
    }

    [Fact]
    public void A_missing_sample_is_neither_origin_nor_target()
    {
        ModelForecaster forecaster = Create();
        Run(forecaster, 200);
        long learned = forecaster.Head!.Learned;
        long compared = forecaster.Head.ContestOf(0)!.Compared;
        Feed(forecaster, float.NaN, score: double.NaN);
        Run(forecaster, 100);
        Assert.Equal(learned + 100, forecaster.Head.Learned);   // one less than samples
        Assert.Equal(compared + 99, forecaster.Head.ContestOf(0)!.Compared);   // one as target, one as origin
    }

    [Fact]
    public void Nothing_is_learned_or_compared_across_a_gap_and_what_was_learned_stays()
    {
        ModelForecaster forecaster = Create();
        Run(forecaster, 2000);
        AdaptiveHead head = forecaster.Head!;
        (long learned, long first, long second) = (head.Learned, head.ContestOf(0)!.Compared, head.ContestOf(1)!.Compared);
        forecaster.Reset();
        _level = 40;
        Run(forecaster, Longest);
        Assert.Equal(first + Longest - 1, head.ContestOf(0)!.Compared);   // those made behind the gap
        Assert.Equal(second, head.ContestOf(1)!.Compared);
        Assert.True(head.ContestOf(0)!.IsAdapted);
        Run(forecaster, Delay - Longest);
        Assert.Equal(learned, head.Learned);
        Run(forecaster, 1);
        Assert.Equal(learned + 1, head.Learned);
    }

    [Fact]
    public void A_head_that_went_wrong_gives_way_to_the_shipped_one_and_learns_anew()
    {
        ModelForecaster forecaster = Create();
        Run(forecaster, 3000);
        AdaptiveHead head = forecaster.Head!;
        head.Spoil(0, 50);
        int taken = 0;
        while (head.ContestOf(0)!.IsAdapted)
        {
            Run(forecaster, 1);
            taken++;
        }

        Assert.InRange(taken, 1, 60);
        Run(forecaster, 60);
        Assert.Equal(1, head.Resets);
        Assert.True(head.ContestOf(1)!.IsAdapted);   // each output by itself
        Run(forecaster, 5000);
        Assert.True(head.ContestOf(0)!.IsAdapted);
        Assert.Equal(1, head.Resets);
    }

    [Fact]
    public void Weights_beyond_their_limit_begin_anew()
    {
        ModelForecaster forecaster = Create();
        Run(forecaster, 1000);
        forecaster.Head!.Spoil(1, 2 * AdaptiveHead.WeightLimit);
        Run(forecaster, 1);
        Assert.Equal(1, forecaster.Head.Resets);
        Assert.False(forecaster.Head.ContestOf(1)!.IsAdapted);
    }

    [Fact]
    public void A_sensor_that_stands_still_or_leaves_its_range_leaves_it_bounded()
    {
        ModelForecaster forecaster = Create();
        Run(forecaster, 1000);
        for (int i = 0; i < 20_000; i++)
        {
            Feed(forecaster, i < 10_000 ? 3 : i % 2 == 0 ? 1e6f : 0);
        }

        Run(forecaster, 5000);
        Assert.True(MeanSquare(forecaster, 1000, out double worst) < 4 && worst < 5);
    }

    [Fact]
    public void It_carries_over_bit_for_bit()
    {
        ModelForecaster first = Create();
        Run(first, 1500);
        Feed(first, float.NaN, score: double.NaN);
        Run(first, 10);
        StateWriter writer = new();
        first.Save(writer);
        ModelForecaster second = Create();
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        for (int i = 0; i < 500; i++)
        {
            float value = Next();
            Feed(first, value);
            float[] expected = [.. _outputs, .. _due];
            Feed(second, value);
            float[] found = [.. _outputs, .. _due];
            Assert.Equal(expected, found);
        }

        Assert.True(second.Head!.ContestOf(0)!.IsAdapted);
        Assert.Equal(first.Head!.Learned, second.Head.Learned);
        Assert.Equal(first.Head.ContestOf(0)!.AdaptedError, second.Head.ContestOf(0)!.AdaptedError);
    }

    [Fact]
    public void A_state_of_other_horizons_is_refused()
    {
        StateWriter writer = new();
        Create().Head!.Save(writer);
        AdaptiveHead other = new(Manifest(TinyModel.Plain("t", 1), TinyModel.Plain("t", 5)), Memory);
        Assert.Throws<FormatException>(() =>
        {
            StateReader reader = new(writer.Written);
            other.Restore(ref reader);
        });
    }

    [Fact]
    public void A_model_that_runs_on_takes_the_adapted_head_along_its_path()
    {
        ModelManifest manifest = Manifest();
        ModelManifest extended = RollOut.Extend(manifest, [2]);
        ModelForecaster plain = new(manifest, Network(), DetectorSettings.Default, extended);
        ModelForecaster adapting = new(
            manifest, Network(), DetectorSettings.Default, extended, new AdaptiveHead(manifest, Memory));
        (float[] outputs, float[] due, float[] trusted) = (new float[3], new float[3], new float[3]);
        (double ofPlain, double ofAdapting) = (0, 0);
        for (int i = 0; i < 4000; i++)
        {
            float value = Next();
            plain.Step([value], [value], outputs, due, trusted);
            ofPlain += i < 1000 ? 0 : Math.Pow(value - due[2], 2);
            adapting.Step([value], [value], outputs, due, trusted);
            adapting.Head!.Judge(1, 5, isRaised: false);
            ofAdapting += i < 1000 ? 0 : Math.Pow(value - due[2], 2);
        }

        Assert.True(adapting.Head!.ContestOf(0)!.IsAdapted);
        Assert.True(ofAdapting < 0.5 * ofPlain, $"{ofAdapting} against {ofPlain}");
        Assert.Null(adapting.Head.ContestOf(2));
    }

    [Fact]
    public void Only_point_forecasts_behind_a_linear_dense_layer_adapt()
    {
        ModelManifest manifest = Manifest();
        Assert.Null(AdaptiveHead.FindReasonAgainst(manifest));
        LayerManifest recurrent = manifest.Layers[0], head = manifest.Layers[1];
        Assert.Contains("has no linear dense layer behind its others",
            AdaptiveHead.FindReasonAgainst(manifest with { Layers = [head] }), StringComparison.Ordinal);
        Assert.Contains("its last is an rnn layer with activation 'relu'",
            AdaptiveHead.FindReasonAgainst(manifest with { Layers = [head, recurrent] }), StringComparison.Ordinal);
        Assert.Contains("its last is a dense layer with activation 'tanh'",
            AdaptiveHead.FindReasonAgainst(manifest with { Layers = [recurrent, head with { Activation = Activation.Tanh }] }),
            StringComparison.Ordinal);
        Assert.Contains("reads 256 values; at most 255",
            AdaptiveHead.FindReasonAgainst(manifest with { Layers = [recurrent, head with { InputSize = 256 }] }),
            StringComparison.Ordinal);
        ModelManifest quantiles = Manifest(
            TinyModel.Plain("t", 1) with { Quantile = 0.5 }, TinyModel.Plain("t", 1) with { Quantile = 0.9 });
        Assert.Contains("has no point forecast", AdaptiveHead.FindReasonAgainst(quantiles), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AdaptiveHead(quantiles, Memory));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdaptiveHead(manifest, AdaptiveHead.LeastMemory - 1));
    }

    [Fact]
    public void Of_points_and_quantiles_the_points_adapt_and_the_quantiles_stay()
    {
        ModelManifest manifest = Manifest(TinyModel.Plain("t", 1), TinyModel.Plain("t", 1) with { Quantile = 0.9 });
        ModelForecaster forecaster = new(
            manifest, Network(), DetectorSettings.Default, null, new AdaptiveHead(manifest, Memory));
        ModelForecaster plain = new(manifest, Network(), DetectorSettings.Default);
        for (int i = 0; i < 2000; i++)
        {
            float value = Next();
            Feed(forecaster, value);
            float[] adapted = [.. _outputs];
            plain.Step([value], [value], _outputs, _due, _trusted);
            Assert.Equal(_outputs[1], adapted[1]);
        }

        Assert.True(forecaster.Head!.ContestOf(0)!.IsAdapted);
        Assert.Null(forecaster.Head.ContestOf(1));
    }

    [Fact]
    public void Learning_allocates_nothing()
    {
        ModelForecaster forecaster = Create();
        Allocation.AssertNone(() => Run(forecaster, 2000));
        Assert.True(forecaster.Head!.Learned > 10_000);
    }

    // Repeats the leaky sum of its input, which is about twice the values to come.
    private static Network Network() => TinyModel.Leaky(0.5f, 2);

    private static ModelManifest Manifest(params OutputManifest[] outputs) => TinyModel.Manifest(
        [TinyModel.Plain("t")], outputs.Length > 0 ? outputs : [TinyModel.Plain("t", 1), TinyModel.Plain("t", Longest)]) with
    {
        Layers =
        [
            new LayerManifest("rnn0", LayerKind.Rnn, 1, 1, Activation: Activation.Relu),
            new LayerManifest("head", LayerKind.Dense, 1, 2, Activation: Activation.Linear),
        ],
    };

    private static ModelForecaster Create()
    {
        ModelManifest manifest = Manifest();
        return new ModelForecaster(manifest, Network(), DetectorSettings.Default, null, new AdaptiveHead(manifest, Memory));
    }

    // A level that wanders about 3.
    private float Next()
    {
        _level += (0.2 * (3 - _level)) + (_random.NextDouble() - 0.5);
        return (float)_level;
    }

    private void Feed(
        ModelForecaster forecaster, float value, double score = 1, double threshold = 5, bool isRaised = false)
    {
        forecaster.Step([value], [float.IsNaN(value) ? 3 : value], _outputs, _due, _trusted);
        forecaster.Head?.Judge(score, threshold, isRaised);
    }

    private void Run(ModelForecaster forecaster, int samples)
    {
        for (int i = 0; i < samples; i++)
        {
            Feed(forecaster, Next());
        }
    }

    // Of the forecasts one sample ahead.
    private double MeanSquare(ModelForecaster forecaster, int samples, out double worst)
    {
        double sum = 0;
        worst = 0;
        for (int i = 0; i < samples; i++)
        {
            float value = Next();
            Feed(forecaster, value);
            double error = float.IsNaN(_due[0]) ? 0 : value - _due[0];
            sum += error * error;
            worst = Math.Max(worst, Math.Abs(error));
        }

        return sum / samples;
    }
}
