// Errors of the forecasts of one stream:  e = value that came − forecast made for it;  MAE, RMSE, and pinball loss of quantiles.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Evaluation;

/// <summary>An error of one output over many samples.</summary>
/// <param name="Output">Index of the output.</param>
/// <param name="Metric">"mae", "rmse" or "pinball".</param>
/// <param name="Value">The error, in the output's unit; NaN where there was no forecast.</param>
/// <param name="Forecasts">Forecasts it was averaged over.</param>
internal sealed record ForecastError(int Output, string Metric, double Value, long Forecasts);

/// <summary>Compares what a stream forecasts with what comes.</summary>
/// <remarks>
/// Counted are forecasts that a live stream made, from a measured sample and after warm-up, for samples that were measured.
/// Takes every record of the stream, none left out: a forecast for h samples ahead is compared with the h-th record after it.
/// </remarks>
internal sealed class ForecastErrors
{
    private readonly OutputManifest[] _outputs;
    private readonly int[] _channels;
    private readonly float[][] _made;
    private readonly double[] _absolute;
    private readonly double[] _squared;
    private readonly double[] _pinball;
    private readonly long[] _forecasts;
    private long _steps;

    /// <param name="manifest">A model whose outputs are forecasts of its channels.</param>
    public ForecastErrors(ModelManifest manifest)
    {
        _outputs = [.. manifest.Outputs];
        _channels = _outputs.ToArray(output => manifest.IndexOfInput(output.Name));
        _made = [.. _outputs.Select(output => new float[output.Horizon])];
        _absolute = new double[_outputs.Length];
        _squared = new double[_outputs.Length];
        _pinball = new double[_outputs.Length];
        _forecasts = new long[_outputs.Length];
        Forget();
    }

    /// <summary>The errors so far: MAE and RMSE of point and median outputs, pinball loss of other quantiles.</summary>
    public IEnumerable<ForecastError> Errors
    {
        get
        {
            for (int k = 0; k < _outputs.Length; k++)
            {
                if (_outputs[k].Quantile is null or 0.5)
                {
                    yield return new ForecastError(k, "mae", _absolute[k] / _forecasts[k], _forecasts[k]);
                    yield return new ForecastError(k, "rmse", Math.Sqrt(_squared[k] / _forecasts[k]), _forecasts[k]);
                }
                else
                {
                    yield return new ForecastError(k, "pinball", _pinball[k] / _forecasts[k], _forecasts[k]);
                }
            }
        }
    }

    /// <summary>Takes the next record of the stream.</summary>
    public void Take(StreamRecord record)
    {
        if (record.Status == StreamStatus.Stale)
        {
            Forget();
            return;
        }

        for (int k = 0; k < _outputs.Length; k++)
        {
            // The slot about to be overwritten holds the forecast that was made for this sample.
            ref float slot = ref _made[k][_steps % _made[k].Length];
            Compare(k, record.Values[_channels[k]], slot);
            slot = record.Status == StreamStatus.Live ? record.Outputs[k] : float.NaN;
        }

        _steps++;
    }

    private void Compare(int output, float value, float forecast)
    {
        double error = (double)value - forecast;
        if (double.IsNaN(error))
        {
            return;
        }

        double quantile = _outputs[output].Quantile ?? 0.5;
        _absolute[output] += Math.Abs(error);
        _squared[output] += error * error;
        _pinball[output] += Math.Max(quantile * error, (quantile - 1) * error);
        _forecasts[output]++;
    }

    private void Forget()
    {
        _steps = 0;
        foreach (float[] made in _made)
        {
            made.AsSpan().Fill(float.NaN);
        }
    }
}
