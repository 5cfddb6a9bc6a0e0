// What the gates of a recurrent layer did over some rows.

namespace EdgeLstm.Training.Evaluation;

/// <summary>Activity of one gate of one layer.</summary>
/// <param name="Layer">Name of the layer.</param>
/// <param name="Gate">"input", "forget", "cell" and "output" of an LSTM; "reset", "update" and "new" of a GRU.</param>
/// <param name="IsOpening">Whether it is an opening between 0 and 1; otherwise a value between −1 and 1.</param>
/// <param name="Means">Mean over the rows of each unit [units].</param>
/// <param name="Deviations">Standard deviation over the rows of each unit [units].</param>
/// <param name="Rows">Rows it was taken at.</param>
public sealed record GateActivity(
    string Layer, string Gate, bool IsOpening, double[] Means, double[] Deviations, long Rows)
{
    /// <summary>Mean over units and rows.</summary>
    public double Mean => MeanOf(Means);

    /// <summary>Mean over the units of their deviation over the rows: 0 where the gate never moves.</summary>
    public double Spread => MeanOf(Deviations);

    private static double MeanOf(double[] values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }
}
