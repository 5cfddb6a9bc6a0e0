// What is said about a port that cannot be used.

using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors;

public class SerialPortAdviceTests
{
    [Fact]
    public void A_usable_port_has_no_problem()
    {
        using Pty pty = new();
        Assert.Null(SerialPortAdvice.FindProblem(pty.SlavePath));
    }

    [Fact]
    public void A_missing_port_is_named_with_where_to_look()
    {
        string? problem = SerialPortAdvice.FindProblem("/dev/serial/by-id/none");
        Assert.StartsWith("/dev/serial/by-id/none does not exist: ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_rights_name_the_group()
    {
        string problem = SerialPortAdvice.Explain("/dev/ttyUSB0", "open", LibC.EACCES);
        Assert.Contains("group dialout", problem, StringComparison.Ordinal);
        Assert.Contains(Environment.UserName, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unforeseen_error_is_told_in_the_words_of_the_system() => Assert.Equal(
        "/dev/ttyUSB0: open: Too many open files (errno 24)", SerialPortAdvice.Explain("/dev/ttyUSB0", "open", 24));
}
