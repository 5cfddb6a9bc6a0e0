// Proves that the switch the test script turns really narrows the vectors that the kernels are then tested with.

using System.Globalization;
using System.Runtime.Intrinsics;

namespace EdgeLstm.Architecture.Tests;

public sealed class InstructionSetTests
{
    [SkippableFact]
    public void The_widest_accelerated_vector_is_the_one_asked_for()
    {
        string? asked = Environment.GetEnvironmentVariable("EDGELSTM_VECTOR_BITS");
        Skip.If(asked is null, "EDGELSTM_VECTOR_BITS is not set: nothing was asked for");

        int widest = Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128
            : 0;

        Assert.Equal(int.Parse(asked!, CultureInfo.InvariantCulture), widest);
    }
}
