// Damages a file in many ways: whatever comes of it, a reader may only refuse it or read it.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Tests;

/// <summary>Flips, overwrites, cuts and splices.</summary>
internal static class DamagedCopies
{
    /// <summary>Reads damaged copies; a failure names seed and case.</summary>
    public static void AssertOnlyRefusals(byte[] file, int seed, int count, Func<byte[], object> read)
    {
        var random = new Random(seed);
        int refused = 0;
        for (int k = 0; k < count; k++)
        {
            byte[] damaged = Damage(file, random);
            try
            {
                _ = read(damaged);
            }
            catch (ModelFileException)
            {
                refused++;
            }
            catch (Exception fault)
            {
                Assert.Fail($"seed {seed}, case {k}: {fault}");
            }
        }

        Assert.InRange(refused, count / 20, count);
    }

    private static byte[] Damage(byte[] file, Random random)
    {
        byte[] copy = [.. file];
        switch (random.Next(4))
        {
            case 0:
                return copy[..random.Next(copy.Length)];
            case 1:
                int from = random.Next(copy.Length);
                int length = Math.Min(random.Next(1, 64), copy.Length - Math.Max(from, random.Next(copy.Length)));
                copy.AsSpan(from, Math.Min(length, copy.Length - from)).CopyTo(copy.AsSpan(copy.Length - length));
                return copy;
            default:
                for (int n = random.Next(1, 5); n > 0; n--)
                {
                    int at = random.Next(copy.Length);
                    copy[at] = random.Next(3) switch
                    {
                        0 => (byte)(copy[at] ^ (1 << random.Next(8))),
                        1 => (byte)random.Next(256),
                        _ => random.Next(2) == 0 ? (byte)0xFF : (byte)0,
                    };
                }

                return copy;
        }
    }
}
