// The network's inputs:  (x − mean) / standard deviation of the training rows;  then features of time.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Training.Data;

/// <summary>Standardised inputs of every row.</summary>
/// <param name="Manifests">Channels, then features of time.</param>
/// <param name="Standardised">All finite [rows, inputs].</param>
/// <param name="Measured">Whether every channel of a row was measured [rows].</param>
internal sealed record InputScaling(IReadOnlyList<InputManifest> Manifests, float[] Standardised, bool[] Measured)
{
    /// <summary>Fits scalers on the training rows and applies them to all.</summary>
    /// <exception cref="ArgumentException">A channel is missing or constant in the training rows.</exception>
    public static InputScaling Fit(SeriesTable table, ForecastTask task, RowRange training)
    {
        List<InputManifest> manifests = [];
        IReadOnlyList<string> features = TimeEncoding.Names(task.TimeFeatures);
        int inputs = task.Inputs.Count + features.Count;
        float[] standardised = new float[table.Rows * inputs];
        bool[] measured = new bool[table.Rows];
        Array.Fill(measured, true);
        for (int k = 0; k < task.Inputs.Count; k++)
        {
            int channel = TaskRules.IndexOf(table.Channels, task.Inputs[k]);
            InputManifest manifest = Fit(table, channel, training);
            Standardise(table, channel, manifest, standardised.AsSpan(k), inputs, measured);
            manifests.Add(manifest);
        }

        foreach (string feature in features)
        {
            TimeEncoding.Write(feature, table.UnixSeconds!, standardised, inputs, manifests.Count);
            manifests.Add(TimeEncoding.Manifest(feature));
        }

        return new InputScaling(manifests, standardised, measured);
    }

    private static InputManifest Fit(SeriesTable table, int channel, RowRange training)
    {
        Moments moments = new();
        (float minimum, float maximum) = (float.PositiveInfinity, float.NegativeInfinity);
        for (int row = training.Begin; row < training.End; row++)
        {
            float value = table[row, channel];
            if (float.IsFinite(value))
            {
                moments.Add(value);
                (minimum, maximum) = (Math.Min(minimum, value), Math.Max(maximum, value));
            }
        }

        string name = table.Channels[channel];
        if (moments.Count == 0)
        {
            throw new ArgumentException($"channel '{name}' has no measured value in the {training.Count} training rows");
        }

        double scale = 1 / moments.StandardDeviation;
        if (!(minimum < maximum) || !float.IsFinite((float)scale))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"channel '{name}' is constant ({minimum}) in the {training.Count} training rows: leave it out of the inputs, ")
                + "or let training rows end later");
        }

        return new InputManifest(name, table.Units[channel], moments.Mean, scale, minimum, maximum);
    }

    // A missing value is taken to be the one before it in its stretch, the mean where there is none.
    private static void Standardise(
        SeriesTable table, int channel, InputManifest manifest, Span<float> inputs, int stride, bool[] measured)
    {
        int stretch = 0;
        float last = 0;
        for (int row = 0; row < table.Rows; row++)
        {
            if (stretch < table.Stretches.Count && row == table.Stretches[stretch].Begin)
            {
                (last, stretch) = (0, stretch + 1);
            }

            float value = table[row, channel];
            if (float.IsFinite(value))
            {
                last = manifest.Standardize(value);
            }
            else
            {
                measured[row] = false;
            }

            inputs[row * stride] = last;
        }
    }
}
