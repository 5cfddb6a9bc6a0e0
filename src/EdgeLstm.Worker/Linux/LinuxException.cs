// A failed system call as an exception, for places where it is not an expected result.

using System.Runtime.InteropServices;

namespace EdgeLstm.Worker.Linux;

/// <summary>A system call failed: "flock /dev/ttyUSB0: Resource temporarily unavailable (errno 11)".</summary>
/// <param name="call">The call and what it was made on.</param>
/// <param name="errno">The error number.</param>
public sealed class LinuxException(string call, int errno) : IOException($"{call}: {Text(errno)}", errno)
{
    /// <summary>The error number of the failed call.</summary>
    public int Errno { get; } = errno;

    /// <summary>The error number of this thread's last call.</summary>
    public static int LastErrno => Marshal.GetLastPInvokeError();

    /// <summary>What an error number means, in the C library's words.</summary>
    public static string Text(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";

    /// <summary>Returns <paramref name="result"/> unless it is −1, then throws.</summary>
    /// <param name="result">What the call returned.</param>
    /// <param name="call">The call and what it was made on.</param>
    /// <exception cref="LinuxException">The call failed.</exception>
    public static int Check(int result, string call) => result >= 0 ? result : throw new LinuxException(call, LastErrno);
}
