// A model run over a recording as the service runs it:  state carried along each stretch, missing readings replaced by forecasts.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Forecasts of a model file by the program's own kernels.</summary>
internal static class ModelRun
{
    /// <summary>Runs over all rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="table">Its inputs, in its order.</param>
    /// <returns>The outputs at each row; NaN in the warm-up, which begins anew behind every gap, and at rows with a missing
    /// reading.</returns>
    public static ForecastSeries Over(Model model, SeriesTable table)
    {
        Forecaster forecaster = new(model.Manifest, model.CreateNetwork(VectorWidths.Best));
        int outputs = model.Manifest.Outputs.Count;
        ForecastSeries made = ForecastSeries.Missing(new RowRange(0, table.Rows), outputs);
        float[] values = new float[table.Channels.Count];
        float[] step = new float[outputs];
        float[] due = new float[outputs];
        foreach (RowRange stretch in table.Stretches)
        {
            forecaster.Reset();
            for (int row = stretch.Begin; row < stretch.End; row++)
            {
                if (!TryRead(table, row, forecaster, values, out bool isMeasured))
                {
                    continue;
                }

                forecaster.Step(values, step, due);
                if (isMeasured && forecaster.IsWarm)
                {
                    step.CopyTo(made.Values, row * outputs);
                }
            }
        }

        return made;
    }

    // False before the first whole row of a stretch.
    private static bool TryRead(SeriesTable table, int row, Forecaster forecaster, float[] values, out bool isMeasured)
    {
        isMeasured = true;
        bool isWhole = true;
        for (int channel = 0; channel < values.Length; channel++)
        {
            values[channel] = table[row, channel];
            if (!float.IsFinite(values[channel]))
            {
                isMeasured = false;
                values[channel] = forecaster.Expected(channel);
                isWhole &= float.IsFinite(values[channel]);
            }
        }

        return isWhole;
    }
}
