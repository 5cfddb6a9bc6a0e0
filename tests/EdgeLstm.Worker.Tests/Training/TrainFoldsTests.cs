// Walk-forward with networks trained anew: each fold is learned from what lies before it and from nothing else.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Training;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Training;

public sealed class TrainFoldsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-folds-").FullName;

    private string Output => Path.Combine(_folder, "pump.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_fold_is_forecast_by_a_network_trained_on_all_rows_before_it()
    {
        List<TrainStart> refits = [];

        TrainReport report = Run(new MadeRecording(1000), refits.Add, default);

        IReadOnlyList<FoldResult> folds = report.Forecasts.Test!.Folds;
        Assert.Equal([(0, 850, 900), (0, 900, 950), (0, 950, 1000)],
            folds.Select(fold => (fold.Training.Begin, fold.Measured.Begin, fold.Measured.End)));
        Assert.All(folds, fold => Assert.Equal(fold.Measured.Begin, fold.Training.End));
        Assert.All(folds, fold => Assert.True(
            fold.Forecasters[0].Scores[0].Mae < fold.Forecasters[1].Scores[0].Mae, "no better than persistence"));
        Assert.Equal([700, 750, 800], refits.Select(refit => refit.Problem.Split.Training.End));
        Assert.Equal([850, 900, 950], refits.Select(refit => refit.Problem.Split.Validation.End));
        using StringWriter text = new();
        TrainText.Write(text, report);
        Assert.Contains("MAE by fold, trained anew for each fold", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("900 to 949", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_fold_does_not_change_with_what_comes_after_it()
    {
        MadeRecording changed = new(1000);
        for (int row = 901; row < 1000; row++)
        {
            _ = changed.Set(row, 1, "77").Set(row, 2, $"{row}");
        }

        double before = MaeOfFirst(Run(new MadeRecording(1000), _ => { }, default));

        Assert.Equal(before, MaeOfFirst(Run(changed, _ => { }, default)));

        // One row ahead of row 899 is measured at row 900, which is as it was.
        static double MaeOfFirst(TrainReport report) => report.Forecasts.Test!.Folds[0].Forecasters[0].Scores[0].Mae;
    }

    [Fact]
    public void Stopped_in_the_second_fold_the_model_is_written_and_measured_without_folds()
    {
        using CancellationTokenSource stop = new();
        int refits = 0;

        TrainReport report = Run(
            new MadeRecording(1000),
            _ =>
            {
                if (++refits == 2)
                {
                    stop.Cancel();
                }
            },
            stop.Token);

        Assert.Equal(2, refits);
        Assert.Empty(report.Forecasts.Test!.Folds);
        Assert.Contains("without --folds: stopped before all of them were done", report.Warnings);
        Assert.Equal(report.Model.Sha256, ModelFile.Load(Output).Sha256);
    }

    private TrainReport Run(MadeRecording recording, Action<TrainStart> refitting, CancellationToken stop)
    {
        TrainCommandLine line = new();
        System.CommandLine.ParseResult parsed = line.Command().Parse(
        [
            recording.Write(_folder), "-o", Output, "--folds", "3", "--hidden", "8", "--epochs", "20", "--steps", "8",
            "--average", "0.9", "--horizon", "1", "--target", "level",
        ]);
        Assert.Empty(parsed.Errors);
        return new TrainRun(line.Read(parsed), TimeProvider.System).Run(_ => { }, _ => { }, stop, refitting);
    }
}
