// Brokers of the tests, each on a port that nobody else is given.

using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Faults.Rig;

internal static class Brokers
{
    /// <summary>A started broker.</summary>
    /// <param name="lines">Configuration after the listener; none: anyone may connect.</param>
    public static MosquittoBroker Launch(params string[] lines)
    {
        MosquittoBroker broker = Create(lines);
        broker.Start();
        return broker;
    }

    /// <summary>A started broker that keeps sessions and their queues over a stop.</summary>
    public static MosquittoBroker LaunchPersistent()
    {
        MosquittoBroker broker = Create();
        broker.Configure([.. broker.Persistence, "allow_anonymous true"]);
        broker.Start();
        return broker;
    }

    /// <summary>A broker that is not started.</summary>
    public static MosquittoBroker Create(params string[] lines)
    {
        Skip.If(MosquittoBroker.Missing is not null, MosquittoBroker.Missing);
        return new MosquittoBroker(lines.Length == 0 ? null : lines, FreePorts.Next());
    }
}
