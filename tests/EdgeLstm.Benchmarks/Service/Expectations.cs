// The few checks that the files shared with the tests make, for a program without xunit.

namespace EdgeLstm;

/// <summary>Stands for xunit's class of this name in the linked files.</summary>
internal static class Assert
{
    public static void True(bool condition, string message = "a condition does not hold")
    {
        if (!condition)
        {
            throw new InvalidOperationException(message);
        }
    }

    public static void Equal(int expected, int found) => True(expected == found, $"expected {expected}, got {found}");
}

/// <summary>Stands for the class of Xunit.SkippableFact in the linked files: here what is missing ends the run.</summary>
internal static class Skip
{
    public static void If(bool missing, string? reason) => Assert.True(!missing, reason ?? "something is missing");
}
