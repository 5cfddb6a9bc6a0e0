// Lets a test fail with every finding in full, one a line: xunit itself shows the first few, cut off.

namespace EdgeLstm.Architecture.Tests;

/// <summary>What a rule found wrong in the repository.</summary>
public static class Findings
{
    /// <summary>Fails with all of <paramref name="findings"/> unless there are none.</summary>
    public static void AssertNone(IEnumerable<string> findings)
    {
        List<string> all = [.. findings];
        if (all.Count > 0)
        {
            Assert.Fail($"{all.Count} found\n{string.Join('\n', all)}");
        }
    }
}
