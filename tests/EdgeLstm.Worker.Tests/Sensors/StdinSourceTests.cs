// Standard input through a descriptor of the test's own.

using System.Text;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors;

public class StdinSourceTests
{
    [Fact]
    public void Bytes_come_as_written_then_the_end_again_and_again()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "1\n2\n");
            using FileStream stream = File.OpenRead(file);
            using StdinSource source = new((int)stream.SafeFileHandle.DangerousGetHandle());
            byte[] buffer = new byte[3];
            Assert.Equal(SourceRead.Data, source.Read(buffer, 1000, out int count, out _));
            Assert.Equal("1\n2", Encoding.UTF8.GetString(buffer, 0, count));
            Assert.Equal(SourceRead.Data, source.Read(buffer, 1000, out count, out _));
            Assert.Equal(1, count);
            Assert.Equal(SourceRead.End, source.Read(buffer, 1000, out count, out _));
            Assert.Equal(SourceRead.End, source.Read(buffer, 1000, out count, out _));
            Assert.Equal(4, source.BytesRead);
            Assert.True(source.StartsAtFrameStart);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_silent_pipe_is_idle_until_Wake()
    {
        using System.IO.Pipes.AnonymousPipeServerStream writer = new(System.IO.Pipes.PipeDirection.Out);
        using StdinSource source = new((int)writer.ClientSafePipeHandle.DangerousGetHandle());
        byte[] buffer = new byte[8];
        Assert.Equal(SourceRead.Idle, source.Read(buffer, 0, out _, out _));
        source.Wake();
        Assert.Equal(SourceRead.Idle, source.Read(buffer, 60_000, out _, out _));
        writer.Write("x"u8);
        Assert.Equal(SourceRead.Data, source.Read(buffer, 60_000, out int count, out _));
        Assert.Equal(1, count);
    }
}
