// Whether the network answers windows of T samples from a fresh state, or carries its state on; and the line that says why.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Assembly;

/// <summary>How an imported network will be stepped.</summary>
/// <param name="Window">Length of the windows; null: the state is carried on.</param>
/// <param name="Line">What was chosen, why, and how to choose otherwise.</param>
/// <param name="IsSaid">Whether the file or the person said it; else it is an assumption.</param>
internal sealed record WindowChoice(int? Window, string Line, bool IsSaid)
{
    /// <summary>Decides: what the person says, then what the file says, else carried on.</summary>
    public static WindowChoice Make(SequenceUse use, ImportChoices choices)
    {
        if (choices.Window is { } window)
        {
            return new WindowChoice(window, $"windows of {window} samples from a fresh state, as --window says", true);
        }

        if (choices.IsStateful)
        {
            return new WindowChoice(null, "carried from sample to sample, as --stateful says", true);
        }

        if (use.IsStateful == true)
        {
            return new WindowChoice(
                null, "carried from sample to sample: the file says it is stateful (--window T for windows of T samples)", true);
        }

        if (use is { AnswersEachSample: false, WindowSamples: { } length }
            && length is >= SlidingWindow.MinLength and <= SlidingWindow.MaxLength)
        {
            return new WindowChoice(
                length, $"windows of {length} samples from a fresh state: the file says one answer for each "
                + "(--stateful to carry the state instead)", true);
        }

        string found = use switch
        {
            { AnswersEachSample: false, WindowSamples: { } odd } =>
                $"the file says one answer for each window of {odd}, which is too long or too short "
                + $"({SlidingWindow.MinLength} to {SlidingWindow.MaxLength} samples)",
            { AnswersEachSample: false } => "the file says one answer for each window, but not of how many samples",
            { IsStateful: false } =>
                "the file says an answer for each sample, and that training began each window from a fresh state",
            _ => "the file does not say how it was trained; most PyTorch code trains on windows of T samples from a zero state",
        };
        return new WindowChoice(
            null, $"carried from sample to sample: {found}. If it was trained on windows of T samples: --window T; else "
            + "--stateful confirms this", false);
    }
}
