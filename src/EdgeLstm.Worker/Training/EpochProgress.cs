// How far a training is: one line of a terminal written over and over, or a line for every epoch elsewhere.
//
//   12/300: loss 0.1234, validation 0.1302 (best 0.1290 at 10), ≤ 40 s left

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Training;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Training;

/// <summary>Shows epochs as they end.</summary>
/// <param name="output">Where to.</param>
/// <param name="columns">Width of the terminal; null where a line cannot be written over.</param>
internal sealed class EpochProgress(TextWriter output, int? columns)
{
    private long _began;
    private int _epochs;
    private int _width;
    private (int Epoch, double Loss) _best;

    /// <summary>The first epoch begins.</summary>
    /// <param name="epochs">Epochs at most.</param>
    public void Begin(int epochs) => (_epochs, _best, _began) = (epochs, default, Stopwatch.GetTimestamp());

    /// <summary>Shows an epoch that has ended.</summary>
    public void Show(EpochReport epoch)
    {
        _best = epoch.IsBest ? (epoch.Epoch, epoch.ValidationLoss) : _best;
        string line = Line(epoch, Stopwatch.GetElapsedTime(_began).TotalSeconds);
        if (columns is { } most)
        {
            // A line that wraps could not be written over.
            line = line.Length < most ? line : line[..Math.Max(0, most - 1)];
            output.Write($"\r{line.PadRight(_width)}");
            _width = line.Length;
        }
        else
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Leaves the line that was written over.</summary>
    public void End()
    {
        if (_width > 0)
        {
            output.WriteLine();
            _width = 0;
        }
    }

    private string Line(EpochReport epoch, double elapsedSeconds)
    {
        double leftSeconds = elapsedSeconds / epoch.Epoch * (_epochs - epoch.Epoch);
        string left = epoch.Epoch < _epochs ? $", ≤ {InspectText.Duration(1000 * Math.Ceiling(leftSeconds))} left" : "";
        return $"{epoch.Epoch}/{_epochs}: loss {Loss(epoch.TrainingLoss)}, validation {Loss(epoch.ValidationLoss)} "
            + $"(best {Loss(_best.Loss)} at {_best.Epoch}){left}";
    }

    private static string Loss(double loss) => loss.ToString("0.0000", CultureInfo.InvariantCulture);
}
