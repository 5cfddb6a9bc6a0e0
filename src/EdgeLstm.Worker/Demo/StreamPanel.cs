// What the live view knows of one stream, and how it is written.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Demo;

/// <summary>The newest figures of one stream and a short history for its curves.</summary>
/// <param name="stream">The stream.</param>
internal sealed class StreamPanel(DemoStream stream)
{
    private const int CurveLength = 72;
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>The score at which the score's curve is full.</summary>
    private const double FullScore = 8;

    private readonly Queue<double> _values = new();
    private readonly Queue<double> _scores = new();
    private DemoState? _state;
    private double _stepNs;
    private double _ratePerSecond;
    private long _stepsBefore;
    private long _reportTicks;

    /// <summary>Name of the stream.</summary>
    public string Name => stream.Name;

    /// <summary>True once a message with a forecast was seen.</summary>
    public bool HasForecast { get; private set; }

    /// <summary>Steps of the network at the last health message.</summary>
    public long Steps { get; private set; }

    /// <summary>Takes a state message.</summary>
    public void TakeState(DemoState state)
    {
        _state = state;
        HasForecast |= state.Forecasts.Any(forecast => forecast.Value is not null);
        Keep(_values, state.Value ?? double.NaN);
        Keep(_scores, state.Score ?? 0);
    }

    /// <summary>Takes a health message: steps, and from two of them the rate.</summary>
    public void TakeHealth(JsonElement health)
    {
        if (!health.GetProperty("streams").TryGetProperty(Name, out JsonElement mine))
        {
            return;
        }

        Steps = mine.GetProperty("steps").GetInt64();
        _stepNs = mine.GetProperty("stepNs").GetDouble();
        long now = Stopwatch.GetTimestamp();
        if (_reportTicks != 0)
        {
            _ratePerSecond = (Steps - _stepsBefore) / Stopwatch.GetElapsedTime(_reportTicks, now).TotalSeconds;
        }

        (_stepsBefore, _reportTicks) = (Steps, now);
    }

    /// <summary>One plain line.</summary>
    public string Line() => _state is null
        ? $"{Name}: waiting"
        : string.Create(CultureInfo.InvariantCulture,
            $"{Name}: {_state.Status}, {_state.Channel} {Figure(_state.Value)} {stream.Unit}, "
            + $"forecast {Forecast(_state.Forecasts[0]).TrimStart()}, "
            + $"score {Figure(_state.Score)}, alarm {Alarm()}, {_ratePerSecond:0} samples/s, {_stepNs:0} ns/step");

    /// <summary>A block for the terminal.</summary>
    public void Draw(StringBuilder text)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"\e[1m{Name}\e[0m  {stream.Story}{Pace()}");
        if (_state is null)
        {
            text.AppendLine("  waiting for the first message");
            return;
        }

        text.AppendLine(CultureInfo.InvariantCulture,
            $"  {_state.Status,-8} {_ratePerSecond,6:0} samples/s  {_stepNs,6:0} ns per step  {Steps,9} steps");
        text.AppendLine($"  {_state.Channel,-12} {Figure(_state.Value),9} {stream.Unit}");
        foreach (DemoForecast forecast in _state.Forecasts)
        {
            text.AppendLine($"  {Ahead(forecast.Key),-12} {Forecast(forecast)}");
        }

        string colour = _state.AlarmRaised ? "\e[97;41m" : "";
        text.AppendLine($"  score        {Figure(_state.Score),9}   alarm {colour}{Alarm()}\e[0m");
        text.AppendLine($"  value  {Curve(_values, Least(_values), Most(_values))}");
        text.AppendLine($"  score  {Curve(_scores, 0, FullScore)}");
    }

    private string Pace() =>
        stream.Speed == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", played {stream.Speed:0} times faster");

    private string Alarm() => _state!.AlarmRaised ? "RAISED" : "clear";

    // temperature_h6 → "in 30 min": the horizon in the recording's own time.
    private string Ahead(string key)
    {
        int mark = key.LastIndexOf("_h", StringComparison.Ordinal);
        double ms = double.Parse(key[(mark + 2)..], CultureInfo.InvariantCulture) * stream.ModelPeriodMs;
        return ms < 60_000 ? string.Create(CultureInfo.InvariantCulture, $"in {ms:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"in {ms / 60_000:0} min");
    }

    private string Forecast(DemoForecast forecast) =>
        $"{Figure(forecast.Value),9} {stream.Unit}  [{Figure(forecast.Low)}, {Figure(forecast.High)}]";

    private static string Figure(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "–";

    private static void Keep(Queue<double> history, double value)
    {
        history.Enqueue(value);
        if (history.Count > CurveLength)
        {
            history.Dequeue();
        }
    }

    private static double Least(Queue<double> history) => Finite(history) is { Length: > 0 } values ? values.Min() : 0;

    private static double Most(Queue<double> history) => Finite(history) is { Length: > 0 } values ? values.Max() : 1;

    private static double[] Finite(Queue<double> history) => Array.FindAll(history.ToArray(), double.IsFinite);

    private static string Curve(Queue<double> history, double least, double most) => new(history.ToArray(value =>
        double.IsFinite(value)
            ? Bars[(int)Math.Clamp((value - least) / Math.Max(most - least, 1e-9) * Bars.Length, 0, Bars.Length - 1)]
            : ' '));
}
