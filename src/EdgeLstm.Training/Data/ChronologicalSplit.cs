// Training rows, then validation rows, then test rows: there is no other order.

namespace EdgeLstm.Training.Data;

/// <summary>Three parts in the order of time.</summary>
public sealed record ChronologicalSplit
{
    private ChronologicalSplit(RowRange training, RowRange validation, RowRange test) =>
        (Training, Validation, Test) = (training, validation, test);

    /// <summary>Rows learned from; the scaler is fitted on them alone.</summary>
    public RowRange Training { get; }

    /// <summary>Rows that choose the weights and calibrate the bands.</summary>
    public RowRange Validation { get; }

    /// <summary>Rows that only measure.</summary>
    public RowRange Test { get; }

    /// <summary>Cuts rows by shares of them.</summary>
    /// <param name="rows">Number of rows, at least 3.</param>
    /// <param name="trainingShare">Above 0.</param>
    /// <param name="validationShare">Above 0; the rest, above 0 too, is the test part.</param>
    /// <exception cref="ArgumentException">A part would be empty.</exception>
    public static ChronologicalSplit ByShares(int rows, double trainingShare, double validationShare) =>
        At(rows, (int)(rows * trainingShare), (int)(rows * (trainingShare + validationShare)));

    /// <summary>Cuts rows at two of them.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="trainingEnd">The training part ends before this row.</param>
    /// <param name="validationEnd">The validation part ends before this row, the test part begins.</param>
    /// <exception cref="ArgumentException">A part would be empty.</exception>
    public static ChronologicalSplit At(int rows, int trainingEnd, int validationEnd)
    {
        if (!(trainingEnd > 0 && validationEnd > trainingEnd && rows > validationEnd))
        {
            throw new ArgumentException(
                $"training ends at row {trainingEnd}, validation at {validationEnd} of {rows}; each part needs rows of its own, "
                + "training first, test last");
        }

        return new ChronologicalSplit(new(0, trainingEnd), new(trainingEnd, validationEnd), new(validationEnd, rows));
    }
}
