// From which of the latest steps forecasts are to be trusted.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>
/// A forecast made from a filled sample says nothing about the sensor, and one made before the model was warm says nothing at
/// all: the samples they were made for teach nothing. Allocates nothing after construction.
/// </summary>
internal sealed class TrustedSteps
{
    private const float Trusted = 1;

    private readonly int[] _horizons;
    private readonly float[] _ring;   // as long as the longest horizon
    private long _steps;

    public TrustedSteps(ModelManifest manifest)
    {
        _horizons = manifest.Outputs.ToArray(output => output.Horizon);
        _ring = new float[Math.Max(1, _horizons.Length == 0 ? 1 : _horizons.Max())];
    }

    /// <summary>Copies the forecasts due for the next sample, NaN where they are not to be trusted.</summary>
    public void Pass(ReadOnlySpan<float> due, Span<float> trusted)
    {
        for (int output = 0; output < _horizons.Length; output++)
        {
            bool isTrusted = _steps >= _horizons[output]
                && _ring[(_steps - _horizons[output]) % _ring.Length] == Trusted;
            trusted[output] = isTrusted ? due[output] : float.NaN;
        }
    }

    /// <summary>Says whether forecasts made from the next sample are to be trusted.</summary>
    public void Add(bool isTrusted) => _ring[_steps++ % _ring.Length] = isTrusted ? Trusted : 0;

    public void Reset() => Array.Clear(_ring);

    public void Save(StateWriter writer)
    {
        writer.Write(_steps);
        writer.Write(_ring);
    }

    public void Restore(ref StateReader reader)
    {
        _steps = Math.Max(0, reader.ReadInt64());
        reader.Read(_ring);
    }
}
