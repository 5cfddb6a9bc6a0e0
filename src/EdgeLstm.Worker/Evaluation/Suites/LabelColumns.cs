// Labels that lie in a recording itself: a column anomaly (or label, is_anomaly) and a column changepoint, above 0.5 where true.

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Cuts label columns off a recording.</summary>
internal static class LabelColumns
{
    private static readonly string[] AnomalyNames = ["anomaly", "is_anomaly", "label"];

    /// <summary>Index of the column of anomalies, −1 without one.</summary>
    public static int AnomalyColumn(Recording recording)
    {
        foreach (string name in AnomalyNames)
        {
            if (recording.IndexOf(name) is >= 0 and int column)
            {
                return column;
            }
        }

        return -1;
    }

    /// <summary>Index of the column of change points, −1 without one.</summary>
    public static int ChangePointColumn(Recording recording) => recording.IndexOf("changepoint");

    /// <summary>Stretches of neighbouring rows that a column marks; none for column −1.</summary>
    public static Window[] Windows(Recording recording, int column)
    {
        List<Window> windows = [];
        for (int row = 0; column >= 0 && row < recording.Rows.Length; row++)
        {
            int first = row;
            while (row < recording.Rows.Length && recording.Rows[row][column] > 0.5f)
            {
                row++;
            }

            if (row > first)
            {
                windows.Add(new Window(first, row - 1));
            }
        }

        return [.. windows];
    }

    /// <summary>Rows that a column marks; none for column −1.</summary>
    public static int[] Marks(Recording recording, int column)
    {
        List<int> rows = [];
        for (int row = 0; column >= 0 && row < recording.Rows.Length; row++)
        {
            if (recording.Rows[row][column] > 0.5f)
            {
                rows.Add(row);
            }
        }

        return [.. rows];
    }
}
