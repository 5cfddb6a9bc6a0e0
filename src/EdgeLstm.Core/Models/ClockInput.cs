// Inputs that no sensor gives, time of day and of week as points on a circle:  sin 2πt/T, cos 2πt/T,  t in UTC; a week begins
// on Monday.

namespace EdgeLstm.Core.Models;

/// <summary>An input of a model that is computed from the time of its sample. It needs no scaling.</summary>
public sealed class ClockInput
{
    private const double SecondsOfDay = 86_400;
    private const double SecondsOfWeek = 7 * SecondsOfDay;

    // 1970-01-01 was a Thursday.
    private const double SecondsSinceMonday = 3 * SecondsOfDay;

    private readonly double _periodSeconds;
    private readonly double _phaseSeconds;
    private readonly Func<double, double> _function;

    private ClockInput(string name, double periodSeconds, double phaseSeconds, Func<double, double> function) =>
        (Name, _periodSeconds, _phaseSeconds, _function) = (name, periodSeconds, phaseSeconds, function);

    /// <summary>Sine and cosine of the time of day.</summary>
    public static IReadOnlyList<ClockInput> Day { get; } =
        [new("time_day_sin", SecondsOfDay, 0, Math.Sin), new("time_day_cos", SecondsOfDay, 0, Math.Cos)];

    /// <summary>Sine and cosine of the time of the week.</summary>
    public static IReadOnlyList<ClockInput> Week { get; } =
    [
        new("time_week_sin", SecondsOfWeek, SecondsSinceMonday, Math.Sin),
        new("time_week_cos", SecondsOfWeek, SecondsSinceMonday, Math.Cos),
    ];

    /// <summary>The name of the input in a manifest.</summary>
    public string Name { get; }

    /// <summary>The input of this name; null where it is none of these.</summary>
    public static ClockInput? Find(string name) =>
        Day.FirstOrDefault(input => input.Name == name) ?? Week.FirstOrDefault(input => input.Name == name);

    /// <summary>Its value at a time, −1 to 1.</summary>
    /// <param name="unixSeconds">Seconds since 1970 UTC.</param>
    public float At(double unixSeconds)
    {
        double turns = (unixSeconds + _phaseSeconds) / _periodSeconds;
        return (float)_function(2 * Math.PI * (turns - Math.Floor(turns)));
    }
}
