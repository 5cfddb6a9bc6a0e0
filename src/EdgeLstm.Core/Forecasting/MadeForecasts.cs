// Which forecast was for when:  due(t) = what was made at t − horizon,  from a ring of `horizon` forecasts for each output.

using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Keeps forecasts until the sample they were made for. Allocates nothing after construction.</summary>
/// <remarks>Memory: 4 bytes for each step of each output's horizon.</remarks>
public sealed class MadeForecasts
{
    private readonly float[][] _made;
    private long _steps;

    /// <param name="manifest">The model's manifest: the horizons of its outputs.</param>
    public MadeForecasts(ModelManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        _made = [.. manifest.Outputs.Select(output => new float[output.Horizon])];
        Reset();
    }

    /// <summary>Steps since the start or the last <see cref="Reset"/>.</summary>
    public long Steps => _steps;

    /// <summary>The forecast of an output made for the next sample; NaN where there is none.</summary>
    public float Due(int output)
    {
        float[] made = _made[output];
        return made.Length == 0 ? float.NaN : made[_steps % made.Length];
    }

    /// <summary>Keeps the outputs made from a sample and gives those made for it; outputs of horizon 0 are made for it.</summary>
    /// <param name="outputs">Made from the sample [outputs].</param>
    /// <param name="due">Receives what was made for it, NaN where nothing was [outputs].</param>
    public void Exchange(ReadOnlySpan<float> outputs, Span<float> due)
    {
        for (int output = 0; output < _made.Length; output++)
        {
            float[] made = _made[output];
            if (made.Length == 0)
            {
                due[output] = outputs[output];
                continue;
            }

            // The slot about to be overwritten holds the one made for this sample.
            ref float slot = ref made[_steps % made.Length];
            due[output] = slot;
            slot = outputs[output];
        }

        _steps++;
    }

    /// <summary>Forgets all forecasts.</summary>
    public void Reset()
    {
        _steps = 0;
        foreach (float[] made in _made)
        {
            made.AsSpan().Fill(float.NaN);
        }
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(_steps);
        foreach (float[] made in _made)
        {
            writer.Write(made);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for other horizons.</exception>
    public void Restore(ref StateReader reader)
    {
        _steps = Math.Max(0, reader.ReadInt64());
        foreach (float[] made in _made)
        {
            reader.Read(made);
        }
    }

    /// <summary>The point or median output with the shortest horizon for each channel, −1 where there is none.</summary>
    internal static int NearestOutput(ModelManifest manifest, string channel)
    {
        int nearest = -1;
        for (int i = 0; i < manifest.Outputs.Count; i++)
        {
            OutputManifest output = manifest.Outputs[i];
            if (output.Name == channel && output.Quantile is null or 0.5
                && (nearest < 0 || output.Horizon < manifest.Outputs[nearest].Horizon))
            {
                nearest = i;
            }
        }

        return nearest;
    }
}
