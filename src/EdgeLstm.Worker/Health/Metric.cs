// One row of the metrics: which member of the health message it is, and its name and kind for Prometheus.

namespace EdgeLstm.Worker.Health;

/// <summary>A metric; the member of the health message that gives it is never counted apart.</summary>
/// <param name="Section">Object that holds the member: mqtt, outbox, or streams, devices for one in each stream; "" for the
/// message itself; of those of forecasts the stream's member that holds them.</param>
/// <param name="Key">The member: a number; a boolean, 1 where true; a problem, 1 where there is one.</param>
/// <param name="Name">Prometheus's name, the unit last.</param>
/// <param name="Help">What it says, one line.</param>
/// <param name="Scale">Prometheus's unit in those of the member: seconds, not milliseconds.</param>
internal sealed record Metric(string Section, string Key, string Name, string Help, double Scale = 1)
{
    /// <summary>Whether it only rises, which the name says, as Prometheus wants it.</summary>
    public bool IsCounter => Name.EndsWith("_total", StringComparison.Ordinal);
}
