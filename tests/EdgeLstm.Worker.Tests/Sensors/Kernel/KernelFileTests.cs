// Text files of the kernel: which texts are numbers, and that reading one again gives what it holds now.

using System.Text;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Emulation.Kernel;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

public sealed class KernelFileTests : IDisposable
{
    private readonly FakeSysfs _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("25080\n", 25080)]
    [InlineData("-1\n", -1)]
    [InlineData("0.000598\n", 0.000598)]
    [InlineData("  96.386199218 \n", 96.386199218)]
    [InlineData("0.75 0.52 0.31 1/193 4242\n", 0.75)]
    [InlineData("-12.345678 dB\n", -12.345678)]
    [InlineData("1e-3", 1e-3)]
    [InlineData("7\0\0", 7)]
    public void The_first_word_is_the_number(string text, double expected)
    {
        Assert.True(KernelFile.TryParse(Encoding.ASCII.GetBytes(text), out double value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("<unknown>\n")]
    [InlineData("12abc\n")]
    [InlineData("nan\n")]
    [InlineData("Infinity\n")]
    [InlineData("1,5\n")]
    public void Anything_else_is_none(string text) => Assert.False(KernelFile.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void A_file_that_is_open_is_read_anew_each_time_without_allocating()
    {
        _tree.Write("f", "1");
        using KernelFile file = KernelFile.TryOpen(_tree.At("f"), out _)!;
        double sum = 0;
        Assert.True(file.TryReadNumber(out double value, out _));
        Assert.Equal(1, value);
        _tree.Write("f", "2");
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                sum += file.TryReadNumber(out double number, out _) ? number : 0;
            }
        });
        Assert.Equal(6 * 100 * 2, sum);
    }

    [Fact]
    public void What_cannot_be_opened_written_or_understood_says_why()
    {
        Assert.Null(KernelFile.TryOpen(_tree.At("absent"), out int errno));
        Assert.Contains("No such file or directory (errno 2); the device is gone", KernelFileAdvice.Explain("f", errno),
            StringComparison.Ordinal);
        _tree.Write("f", "x");
        using KernelFile file = KernelFile.TryOpen(_tree.At("f"), out _)!;
        Assert.False(file.TryReadNumber(out _, out errno));
        Assert.Contains("expected a number", KernelFileAdvice.Explain("f", errno), StringComparison.Ordinal);
        _tree.Block("f");
        Assert.Equal(28, KernelFile.Write(_tree.At("f"), "1"));
        foreach (int rights in new[] { 1, 13 })
        {
            Assert.Contains("udev rules", KernelFileAdvice.Explain("f", rights), StringComparison.Ordinal);
        }

        Assert.Contains("drop-in", KernelFileAdvice.Explain("f", 30), StringComparison.Ordinal);
        Assert.Contains("another program captures", KernelFileAdvice.Explain("f", 16), StringComparison.Ordinal);
    }
}
