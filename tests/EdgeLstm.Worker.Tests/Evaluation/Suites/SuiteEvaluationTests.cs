// Evaluations of detectors made for the purpose: what they are told, what comes out, what is written.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Core.Anomaly;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Suites;

public sealed class SuiteEvaluationTests : IDisposable
{
    private const int Rows = 400;
    private const float OfFileB = 10_000;

    private readonly TemporaryCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void A_detector_that_knows_reaches_100_and_one_that_is_silent_0()
    {
        SuiteReport report = Evaluate(
            "nab", Made("oracle", Knows), Made("silence", (_, _, _) => 0));

        Assert.Equal(["oracle", "silence"], report.Detectors.Select(detector => detector.Name));
        Assert.Equal([100.0, 100, 100], Nab(report.Detectors[0]), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal((100.0, 0.0, 0.0), (
            Value(report, 0, "eventsFound"), Value(report, 0, "falseAlarmsPerDay"), Value(report, 0, "delaySeconds")));
        Assert.Equal(1, report.Detectors[0].Threshold);
        Assert.Equal([new Window(100, 100), new Window(300, 300)], report.Detectors[0].Runs.SelectMany(run => run.Alarms));
        Assert.Equal([0.0, 0, 0], Nab(report.Detectors[1]));
        Assert.Equal(double.PositiveInfinity, report.Detectors[1].Threshold);
    }

    [Fact]
    public void Late_and_false_alarms_are_counted_per_day_and_in_seconds()
    {
        SuiteReport report = Evaluate("nab", Made("late", (row, file, _) => file == 0 && row is 103 or 203 or 206 ? 1 : 0));

        // Two files of 400 minutes, each with 60 of probation; windows of 20 minutes: 640 normal minutes; 203 and 206 are one
        // alarm.
        Assert.Equal(50, Value(report, 0, "eventsFound"));
        Assert.Equal(180, Value(report, 0, "delaySeconds"), 6);
        Assert.Equal(1 / (640 / 1440.0), Value(report, 0, "falseAlarmsPerDay"), 9);
    }

    [Fact]
    public void A_detector_is_told_channels_warm_up_and_seed_and_then_one_row_at_a_time()
    {
        List<DetectorSetup> setups = [];
        Candidate watched = new("watched", "watches", true, true, setup =>
        {
            lock (setups)
            {
                setups.Add(setup);
            }

            return new MadeDetector((_, _, _) => 0);
        });

        Evaluate("nab", watched);

        Assert.Equal(
            [(1, 60, 1), (1, 60, 1), (1, 60, 2), (1, 60, 2), (1, 600, 1), (1, 600, 1), (1, 600, 2), (1, 600, 2)],
            setups.Select(one => (one.ChannelCount, one.WarmUpRows, one.Seed)).Order());
    }

    [Fact]
    public void Figures_are_means_over_seeds_and_plots_are_of_the_first()
    {
        SuiteReport report = Evaluate(
            "nab", Made("lucky", (row, file, seed) => seed == 1 ? Knows(row, file, seed) : 0, isRandom: true));

        Assert.Equal(50, Nab(report.Detectors[0])[0], 9);
        Assert.Equal(["probation", "600 rows"], report.Detectors.Select(detector => detector.WarmUp));
        Assert.All(report.Detectors[0].Runs, run => Assert.Equal(1, run.Seed));
        Assert.Equal(1, report.Detectors[0].Runs[0].News[100]);
    }

    [Fact]
    public void A_forecast_is_kept_with_the_row_that_it_was_made_for()
    {
        Candidate forecasting = Made("forecasting", (row, _, _) => row) with
        {
            ReadForecast = detector => new RowForecast(((MadeDetector)detector).RowsTaken, -1, 2),
        };

        FileRun run = SuiteRunner.Run(new SuiteTask(FileOf("a", 4), forecasting, 1, 1));

        Assert.Equal([float.NaN, 1, 2, 3], run.Forecast!);
        Assert.Equal([float.NaN, -1, -1, -1], run.Low!);
        Assert.Equal([float.NaN, 2, 2, 2], run.High!);
        Assert.Null(SuiteRunner.Run(new SuiteTask(FileOf("a", 4), Made("plain", Knows), 1, 1)).Forecast);
    }

    [Fact]
    public void Infinite_and_missing_scores_do_no_harm()
    {
        SuiteReport report = Evaluate("nab", Made(
            "wild", (row, file, seed) => Knows(row, file, seed) > 0 ? double.PositiveInfinity
                : row % 2 == 0 ? double.NaN : double.NegativeInfinity));

        Assert.Equal(100, Nab(report.Detectors[0])[0], 9);
        using MemoryStream json = new();
        SuiteJson.Write(json, report);
        JsonElement nab = JsonDocument.Parse(json.ToArray()).RootElement.GetProperty("nab");
        Assert.Equal(100, nab.GetProperty("standard").GetDouble(), 9);
    }

    [Fact]
    public void Change_points_are_predicted_by_the_edges_of_alarms()
    {
        FileRun run = RunWith(20, 0, 3, 4, 5, 10, 12, 19);

        bool[] predicted = ChangePointAlarms.Predict(run, 1, mergeGapRows: 1);

        Assert.Equal([0, 3, 6, 10, 13, 19], Enumerable.Range(0, 20).Where(row => predicted[row]));
    }

    [Fact]
    public void Skab_is_scored_at_its_best_threshold()
    {
        SuiteFile file = FileOf("a", 600) with { ChangePoints = [450, 550], Windows = [new Window(450, 550)], Probation = 400 };
        double[] news = new double[600];
        (news[450], news[550], news[500], news[100]) = (5, 4, 3, 9);

        (double threshold, _) = ChangePointAlarms.Best([new FileRun(file, "made", news, news)], 10);

        Assert.Equal(4, threshold);
    }

    [Fact]
    public void The_json_has_the_figures_of_the_first_detector_on_top_and_all_below()
    {
        using MemoryStream output = new();
        SuiteJson.Write(output, Evaluate("nab", Made("oracle", Knows), Made("silence", (_, _, _) => 0)));

        JsonElement root = JsonDocument.Parse(output.ToArray()).RootElement;
        Assert.Equal("oracle", root.GetProperty("detector").GetString());
        JsonElement nab = root.GetProperty("nab");
        Assert.All(["standard", "rewardLowFP", "rewardLowFN"], name => Assert.Equal(100, nab.GetProperty(name).GetDouble(), 9));
        Assert.Equal(100, root.GetProperty("eventsFound").GetDouble());
        JsonElement silence = root.GetProperty("detectors")[1];
        Assert.Equal(JsonValueKind.Null, silence.GetProperty("threshold").ValueKind);
        Assert.Equal(JsonValueKind.Null, silence.GetProperty("delaySeconds").GetProperty("value").ValueKind);
        Assert.Equal(0, silence.GetProperty("nab").GetProperty("rewardLowFN").GetProperty("high").GetDouble());
    }

    [Fact]
    public void The_table_has_a_line_of_figures_and_one_of_intervals_per_detector()
    {
        StringWriter output = new();
        SuiteText.Write(output, Evaluate("nab", Made("oracle", Knows)));

        string[] lines = output.ToString().Split('\n');
        Assert.Equal("nab: 2 files, 800 rows, 2 labelled windows, 2020-01-02", lines[0].TrimEnd());
        Assert.Contains("NAB standard", lines[2], StringComparison.Ordinal);
        Assert.Contains("false alarms, 1/day", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("  oracle    none", lines[3], StringComparison.Ordinal);
        Assert.Contains("100.00", lines[3], StringComparison.Ordinal);
        Assert.Contains("[100.00, 100.00]", lines[4], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN, "–")]
    [InlineData(0.12345, "0.123")]
    [InlineData(-57.004, "-57.00")]
    [InlineData(86400.4, "86,400")]
    public void Figures_have_as_many_digits_as_their_size_needs(double value, string expected) =>
        Assert.Equal(expected, SuiteText.Figure(value));

    [Fact]
    public void Result_files_have_nabs_format_and_scores_from_0_to_1_in_the_same_order()
    {
        SuiteReport report = Evaluate("nab", Made("made", (row, _, _) => row switch
        {
            0 => double.NaN,
            1 => 5,
            2 => double.PositiveInfinity,
            3 => 1e9,
            4 => -1,
            _ => 0,
        }, isRandom: true));

        ResultFiles.Write(Path.Combine(_corpus.Folder, "out"), report);

        string[] lines = File.ReadAllLines(Path.Combine(_corpus.Folder, "out", "real", "made_a.csv"));
        Assert.Equal(Rows + 1, lines.Length);
        Assert.Equal(
            [
                "timestamp,value,anomaly_score", "2020-01-01 00:00:00,0,0", "2020-01-01 00:01:00,1.5,0.5",
                "2020-01-01 00:02:00,3,1",
            ],
            lines[..4]);
        Assert.InRange(double.Parse(lines[4].Split(',')[2], CultureInfo.InvariantCulture), 0.99, 0.99999999999);
        Assert.EndsWith(",0", lines[5], StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_corpus.Folder, "out", "real", $"made{ResultFiles.FixedWarmUpEnding}_b.csv")));
    }

    [Theory]
    [InlineData(0, "1970-01-01 00:00:00")]
    [InlineData(1577836800.25, "2020-01-01 00:00:00.25")]
    public void Times_are_written_as_in_recordings(double unixSeconds, string expected) =>
        Assert.Equal(expected, Timestamp.Text(unixSeconds));

    [Fact]
    public void Every_item_is_worked_off_once_and_results_keep_their_order()
    {
        int[] items = [.. Enumerable.Range(0, 1000)];
        List<int> done = [];

        int[] results = SuiteRunner.ForAll(items, item => item * 2, 3, count =>
        {
            lock (done)
            {
                done.Add(count);
            }
        }, CancellationToken.None);

        Assert.Equal(items.Select(item => item * 2), results);
        Assert.Equal(Enumerable.Range(1, 1000), done.Order());
        Assert.Empty(SuiteRunner.ForAll(Array.Empty<int>(), item => item, 2, null, CancellationToken.None));
    }

    [Fact]
    public void A_failing_detector_and_an_interrupt_both_end_an_evaluation()
    {
        AggregateException failure = Assert.Throws<AggregateException>(
            () => Evaluate("nab", Made("broken", (_, _, _) => throw new InvalidOperationException("no"))));
        Assert.IsType<InvalidOperationException>(failure.InnerException);

        using CancellationTokenSource stop = new();
        Candidate stopping = Made("stopping", (_, _, _) =>
        {
            stop.Cancel();
            return 0;
        });
        Assert.Throws<OperationCanceledException>(() => SuiteEvaluation.Evaluate(
            new SuiteRequest("nab", [FileOf("a", Rows), FileOf("b", Rows)], [stopping], 1, 1, ""), (_, _) => { }, stop.Token));
    }

    [Fact]
    public void Scores_up_to_a_cut_are_the_same_when_the_rest_of_the_file_is_missing()
    {
        Random random = new(3);
        SuiteFile whole = FileOf("a", 2000) with
        {
            Rows = [.. Enumerable.Range(0, 2000).Select(_ => new[] { random.NextSingle() })],
        };
        AssertCausal(whole, 300, 1, 299, 301, 777, 1999);
    }

    [SkippableTheory]
    [InlineData("nab")]
    [InlineData("skab")]
    public void Scores_of_recorded_files_do_not_change_when_what_follows_is_cut_off(string suite)
    {
        string folder = SharedCorpus.Find(suite);
        IReadOnlyList<SuiteFile> files = suite == "nab" ? NabCorpus.Read(folder) : SkabCorpus.Read(folder);
        Random random = new(11);
        for (int trial = 0; trial < 8; trial++)
        {
            SuiteFile file = files[random.Next(files.Count)];
            AssertCausal(file, file.Probation, random.Next(1, file.Rows.Length), random.Next(1, file.Rows.Length));
        }
    }

    [SkippableFact]
    public void The_windowed_gaussian_scores_on_the_recorded_nab_what_nab_publishes_for_it()
    {
        IReadOnlyList<SuiteFile> files = NabCorpus.Read(SharedCorpus.Find("nab"));
        Candidate gaussian = Candidate.All.Single(candidate => candidate.Name == "windowedGaussian");

        SuiteReport report = SuiteEvaluation.Evaluate(
            new SuiteRequest("nab", files, [gaussian], 1, 2, ""), (_, _) => { }, CancellationToken.None);

        // Values here have 24 bits, there 53.
        Assert.Equal([39.65, 20.87, 47.41], Nab(report.Detectors[0]), (a, b) => Math.Abs(a - b) < 0.05);
    }

    private static void AssertCausal(SuiteFile whole, int warmUpRows, params int[] cuts)
    {
        foreach (Candidate candidate in Candidate.All)
        {
            FileRun all = SuiteRunner.Run(new SuiteTask(whole, candidate, warmUpRows, 1));
            foreach (int cut in cuts)
            {
                SuiteFile part = whole with { Rows = whole.Rows[..cut], UnixSeconds = whole.UnixSeconds[..cut] };
                FileRun run = SuiteRunner.Run(new SuiteTask(part, candidate, warmUpRows, 1));
                Assert.Equal(all.Scores[..cut], run.Scores);
                Assert.Equal(all.News[..cut], run.News);
            }
        }
    }

    // 1 at the first row of each file's window.
    private static double Knows(int row, int file, int seed) => row == (file == 0 ? 100 : 300) ? 1 : 0;

    private static SuiteReport Evaluate(string suite, params Candidate[] candidates) => SuiteEvaluation.Evaluate(
        new SuiteRequest(suite, [FileOf("a", Rows) with { Windows = [new Window(100, 119)] },
            FileOf("b", Rows) with { Windows = [new Window(300, 319)] }], candidates, 2, 2, "2020-01-02"),
        (_, _) => { }, CancellationToken.None);

    // Values are 1.5 times the row; file b starts a day after file a, which is how a made detector tells them apart.
    private static SuiteFile FileOf(string name, int rows) => new(
        name, "real", [.. Enumerable.Range(0, rows).Select(i => 1577836800.0 + (60 * i) + (name == "b" ? 86400 : 0))], ["value"],
        [.. Enumerable.Range(0, rows).Select(i => new[] { (1.5f * i) + (name == "b" ? OfFileB : 0) })], [], 60)
    {
        RowPeriodSeconds = 60,
    };

    private static FileRun RunWith(int rows, params int[] detected)
    {
        double[] news = new double[rows];
        foreach (int row in detected)
        {
            news[row] = 1;
        }

        return new FileRun(FileOf("a", rows) with { Probation = 0 }, "made", news, news);
    }

    private static Candidate Made(string name, Func<int, int, int, double> score, bool isRandom = false) =>
        new(name, "made for a test", isRandom, isRandom,
            setup => new MadeDetector((row, file, _) => score(row, file, setup.Seed)));

    private static double[] Nab(DetectorReport detector) => [.. detector.Metrics.Take(3).Select(metric => metric.Value)];

    private static double Value(SuiteReport report, int detector, string id) =>
        report.Detectors[detector].Metrics.Single(metric => metric.Id == id).Value;

    private sealed class MadeDetector(Func<int, int, int, double> score) : IStreamDetector
    {
        public int RowsTaken { get; private set; }

        public DetectorStep Step(ReadOnlySpan<float> values)
        {
            double news = score(RowsTaken++, values[0] >= OfFileB ? 1 : 0, 0);
            return new DetectorStep(news, news);
        }
    }
}
