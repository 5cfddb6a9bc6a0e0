// Buffers begin on a cache line and are zero.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Tests.Kernels;

public sealed class AlignedBufferTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(100_000)]
    public unsafe void Every_buffer_begins_on_a_cache_line_and_is_zero(int length)
    {
        for (int i = 0; i < 8; i++)
        {
            AlignedBuffer buffer = new(length);
            Assert.Equal(0, (long)buffer.Pointer % 64);
            Assert.Equal(length, buffer.Span.Length);
            Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(0f));
        }
    }
}
