// Forecasts made at consecutive rows, whoever made them.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>What was forecast at each row, from that row and those before it.</summary>
/// <param name="Origins">Rows of the table at which forecasts were made.</param>
/// <param name="OutputCount">Outputs of a row, in the order of the model.</param>
/// <param name="Values">Physical values; NaN where there is no forecast [origins, outputs].</param>
public sealed record ForecastSeries(RowRange Origins, int OutputCount, float[] Values)
{
    /// <summary>The output made at a row of the table; NaN where there is none.</summary>
    public float this[int row, int output] => row < Origins.Begin || row >= Origins.End
        ? float.NaN
        : Values[((row - Origins.Begin) * OutputCount) + output];

    /// <summary>Forecasts that are all missing, to be filled in.</summary>
    /// <param name="origins">Rows of the table.</param>
    /// <param name="outputCount">Outputs of a row.</param>
    public static ForecastSeries Missing(RowRange origins, int outputCount)
    {
        float[] values = new float[origins.Count * outputCount];
        values.AsSpan().Fill(float.NaN);
        return new ForecastSeries(origins, outputCount, values);
    }

    /// <summary>The outputs of one row of <see cref="Origins"/>, to be written.</summary>
    internal Span<float> Row(int row) => Values.AsSpan((row - Origins.Begin) * OutputCount, OutputCount);
}
