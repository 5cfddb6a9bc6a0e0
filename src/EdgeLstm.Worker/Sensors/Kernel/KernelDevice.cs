// A device of the kernel that is open: read by asking its files at a fixed pace, or by what its buffer collects.

namespace EdgeLstm.Worker.Sensors;

/// <summary>What <see cref="KernelDevice.Read"/> found.</summary>
internal enum DeviceRead : byte
{
    /// <summary>One record of values.</summary>
    Values,

    /// <summary>Nothing within the time allowed, or the wait was ended.</summary>
    Nothing,

    /// <summary>The device cannot be read any more; <see cref="KernelDevice.Problem"/> says why.</summary>
    Failed,
}

/// <summary>An open device; closed for good once it failed.</summary>
internal abstract class KernelDevice : IDisposable
{
    /// <summary>What is read and how, for logs.</summary>
    public abstract string Description { get; }

    /// <summary>Why the device failed.</summary>
    public string Problem { get; protected set; } = "";

    /// <summary>Waits for one record. Allocates nothing unless it fails.</summary>
    /// <param name="values">Receives the values [fields asked for], NaN where one is missing.</param>
    /// <param name="wakeFd">A descriptor that ends the wait when it can be read.</param>
    /// <param name="deadlineNs">How long to wait at most, in monotonic nanoseconds.</param>
    /// <param name="timeNs">When the values were measured.</param>
    public abstract DeviceRead Read(Span<double> values, int wakeFd, long deadlineNs, out long timeNs);

    /// <inheritdoc/>
    public abstract void Dispose();
}
