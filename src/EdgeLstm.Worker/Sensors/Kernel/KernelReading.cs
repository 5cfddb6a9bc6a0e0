// One figure that is read from the kernel's files: value = (number + offset) · scale.

namespace EdgeLstm.Worker.Sensors;

/// <summary>A figure and the files it is read from, held open.</summary>
internal abstract class KernelReading : IDisposable
{
    /// <summary>The file, for messages.</summary>
    public abstract string Path { get; }

    /// <summary>Reads the figure. Allocates nothing.</summary>
    /// <param name="value">The figure in its unit; NaN where the device says that it has none.</param>
    /// <param name="errno">Why it could not be read; 0 on success.</param>
    public abstract bool TryRead(out double value, out int errno);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A file that holds one number.</summary>
/// <param name="file">The file; disposed with the reading.</param>
/// <param name="scale">Factor from the number to the unit.</param>
/// <param name="offset">Added to the number before that.</param>
/// <param name="fault">A file that holds 1 while the sensor is broken; null for none.</param>
internal sealed class NumberReading(KernelFile file, double scale, double offset = 0, KernelFile? fault = null) : KernelReading
{
    /// <inheritdoc/>
    public override string Path => file.Path;

    /// <inheritdoc/>
    public override bool TryRead(out double value, out int errno)
    {
        if (fault is not null && fault.TryReadNumber(out double broken, out _) && broken != 0)
        {
            value = double.NaN;
            errno = 0;
            return true;
        }

        bool read = file.TryReadNumber(out double number, out errno);
        value = (number + offset) * scale;
        return read;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        file.Dispose();
        fault?.Dispose();
    }
}
