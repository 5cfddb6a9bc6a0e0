// What happened in a training.

namespace EdgeLstm.Training;

/// <summary>One pass over the training rows.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainingLoss">Mean loss of its updates, each before it was made.</param>
/// <param name="ValidationLoss">Mean loss over the validation rows after it; NaN where there are none.</param>
/// <param name="GradientNorm">Mean norm of the gradients before clipping.</param>
/// <param name="LearningRate">That of its last update.</param>
/// <param name="IsBest">Whether the validation loss was the lowest so far.</param>
public sealed record EpochReport(
    int Epoch, double TrainingLoss, double ValidationLoss, double GradientNorm, double LearningRate, bool IsBest);

/// <summary>Why a training ended.</summary>
public enum StopReason
{
    /// <summary>All epochs were done.</summary>
    MaxEpochs,

    /// <summary>The validation loss had not fallen for as many epochs as the patience says.</summary>
    Patience,

    /// <summary>Somebody asked for it.</summary>
    Cancelled,

    /// <summary>The loss was no finite number any more.</summary>
    Diverged,
}

/// <summary>A whole training.</summary>
/// <param name="Epochs">Every epoch.</param>
/// <param name="BestEpoch">The one whose weights were kept; 0 where none was finished.</param>
/// <param name="BestLoss">Its validation loss.</param>
/// <param name="Updates">Updates made.</param>
/// <param name="Reason">Why it ended.</param>
public sealed record TrainingHistory(
    IReadOnlyList<EpochReport> Epochs, int BestEpoch, double BestLoss, long Updates, StopReason Reason);
