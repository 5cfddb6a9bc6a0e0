// Sizes of the kernel's structures, as its headers define them.

using System.Runtime.CompilerServices;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Tests.Linux;

public class LinuxLayoutTests
{
    [Fact]
    public void Structures_have_the_kernels_size()
    {
        Assert.Equal(44, Unsafe.SizeOf<LibC.Termios2>());   // also written in the numbers of TCGETS2 and TCSETS2
        Assert.Equal(0x2C, (int)((LibC.TCGETS2 >> 16) & 0x3FFF));
        Assert.Equal(8, Unsafe.SizeOf<LibC.PollFd>());
        Assert.Equal(32, Unsafe.SizeOf<LibC.SerialRs485>());
        Assert.True(Unsafe.SizeOf<LibC.TimeX>() >= (nint.Size == 8 ? 208 : 128));   // the kernel writes as much
        Assert.Equal(nint.Size == 8 ? 72 : 60, Unsafe.SizeOf<LibC.SerialStruct>());
    }
}
