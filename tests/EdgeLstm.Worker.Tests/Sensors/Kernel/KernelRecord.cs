// Reads the records of a kernel source for tests: float64 little endian, one for each field.

using System.Buffers.Binary;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

internal static class KernelRecord
{
    private const int PatienceMs = 10_000;

    /// <summary>The next record; Back before it is passed over, anything else fails.</summary>
    public static double[] ReadValues(this KernelSource source) => ReadValues(source, out _);

    public static double[] ReadValues(this KernelSource source, out long timeNs)
    {
        byte[] buffer = new byte[1024];
        SourceRead found;
        int count;
        do
        {
            found = source.Read(buffer, PatienceMs, out count, out timeNs);
        }
        while (found == SourceRead.Back);
        Assert.True(found == SourceRead.Data, $"{found}: {source.Problem}");
        double[] values = new double[count / sizeof(double)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(buffer.AsSpan(i * sizeof(double)));
        }

        return values;
    }

    /// <summary>Reads until the source says <paramref name="wanted"/>, over records and idle reads.</summary>
    public static void ReadUntil(this KernelSource source, SourceRead wanted)
    {
        byte[] buffer = new byte[1024];
        long deadline = Environment.TickCount64 + PatienceMs;
        while (source.Read(buffer, 100, out _, out _) is var found && found != wanted)
        {
            Assert.True(Environment.TickCount64 < deadline, $"no {wanted}; the last was {found}: {source.Problem}");
        }
    }
}
