// What should not be overlooked in an evaluation.

namespace EdgeLstm.Training.Evaluation;

/// <summary>Kinds of warnings.</summary>
public enum WarningKind
{
    /// <summary>The forecast hardly moves: it says little more than the mean.</summary>
    CollapsedToMean,

    /// <summary>The forecast repeats the current value.</summary>
    CollapsedToPersistence,

    /// <summary>An input has other values in the measured rows than in the training rows.</summary>
    DistributionShift,

    /// <summary>The model is not better than a forecast anyone can make.</summary>
    LosesToBaseline,

    /// <summary>The model may have learned from the rows it was measured on.</summary>
    SeenRows,
}

/// <summary>One warning.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Subject">The target or input.</param>
/// <param name="Horizon">Sample periods ahead; 0 where it is about no horizon.</param>
/// <param name="Value">What was found.</param>
/// <param name="Limit">What it was held against.</param>
/// <param name="Text">A sentence for a person.</param>
public sealed record EvaluationWarning(
    WarningKind Kind, string Subject, int Horizon, double Value, double Limit, string Text);
