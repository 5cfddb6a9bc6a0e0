// Training and validation loss by epoch, on a logarithmic axis; the epoch whose weights were kept is marked.

using EdgeLstm.Training;
using EdgeLstm.Worker.Evaluation.Report;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Draws the learning curve.</summary>
internal static class LearningPlot
{
    private const int HeightPx = 170;

    // Further epochs are left out evenly.
    private const int MostEpochs = 1000;

    private const string Legend = """
        <div class="legend">
        <span><svg viewBox="0 0 26 14"><path class="l1" d="M0 7h26"/></svg>training loss</span>
        <span><svg viewBox="0 0 26 14"><path class="l0" d="M0 7h26"/></svg>validation loss</span>
        <span><svg viewBox="0 0 26 14"><path class="t" d="M13 0v14"/></svg>weights kept</span>
        </div>

        """;

    /// <summary>Writes a figure; nothing without epochs.</summary>
    public static void Write(HtmlWriter html, TrainingHistory history)
    {
        if (history.Epochs.Count == 0)
        {
            html.Raw("<p>No epoch was finished.</p>");
            return;
        }

        int every = ((history.Epochs.Count - 1) / MostEpochs) + 1;
        int count = ((history.Epochs.Count - 1) / every) + 1;
        double[] epochs = new double[count];
        double[] training = new double[count];
        double[] validation = new double[count];
        (double low, double high) = (double.PositiveInfinity, double.NegativeInfinity);
        for (int k = 0; k < count; k++)
        {
            EpochReport epoch = history.Epochs[k * every];
            epochs[k] = epoch.Epoch;
            training[k] = Logarithm(epoch.TrainingLoss);
            validation[k] = Logarithm(epoch.ValidationLoss);
            Widen(training[k], ref low, ref high);
            Widen(validation[k], ref low, ref high);
        }

        html.Raw(Legend);
        Chart.OpenFigure(
            html, "Loss by epoch", $"{SpokenCounts.Counted(history.Epochs.Count, "epoch")}, weights of epoch "
            + $"{history.BestEpoch} kept; ended by {Ending(history.Reason)}", HeightPx);
        double margin = (high - low) * 0.04;
        double last = history.Epochs[history.Epochs.Count - 1].Epoch + 0.5;
        Chart chart = new(html, 0.5, last, new ValueAxis(low - margin, high + margin, HeightPx));
        chart.Open(FilePlot.TopPx);
        chart.ValueTicks(5, value => NumberSteps.Short(Math.Pow(10, value)));
        chart.RoundTicks();
        chart.Mark(history.BestEpoch);
        chart.Line("l1", null, epochs, training);
        chart.Line("l0", null, epochs, validation);
        chart.Close("loss");
        Chart.CloseFigure(html);
    }

    private static double Logarithm(double loss) => loss > 0 ? Math.Log10(loss) : double.NaN;

    private static void Widen(double value, ref double low, ref double high)
    {
        if (double.IsFinite(value))
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }
    }

    private static string Ending(StopReason reason) => reason switch
    {
        StopReason.MaxEpochs => "the number of epochs",
        StopReason.Patience => "patience: the validation loss did not fall any more",
        StopReason.Cancelled => "request",
        _ => "divergence",
    };
}
