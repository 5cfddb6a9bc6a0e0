// A sensor that is told commands and gives its answer later: the form of Sensirion's and Aosong's sensors, and of the BH1750.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>A write is a command; a read gives its answer, once, when it is ready.</summary>
/// <remarks>A sensor that works on a command acknowledges nothing, and reads without an answer are not acknowledged.</remarks>
/// <param name="time">The clock of execution times.</param>
public abstract class CommandDevice(TimeProvider time) : EmulatedI2cDevice
{
    private readonly Conversion _execution = new(time);
    private byte[] _answer = [];

    /// <summary>True while values are to be impossible ones.</summary>
    protected bool IsNonsense { get; private set; }

    /// <inheritdoc/>
    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        if (_execution.IsRunning)
        {
            return false;
        }

        _answer = [];
        return Execute(bytes);
    }

    /// <inheritdoc/>
    public override bool Read(Span<byte> bytes)
    {
        if (_execution.IsRunning || _answer.Length == 0 || bytes.Length > _answer.Length)
        {
            return false;
        }

        _answer.AsSpan(0, bytes.Length).CopyTo(bytes);
        _answer = [];
        return true;
    }

    /// <inheritdoc/>
    public sealed override void PlugIn() => PowerOn();

    /// <inheritdoc/>
    public sealed override void PowerOn()
    {
        _answer = [];
        _execution.Reset();
        Reset();
    }

    /// <inheritdoc/>
    public override void BeNonsense(bool nonsense) => IsNonsense = nonsense;

    /// <summary>Does a command; false for one that the sensor does not know, or not now.</summary>
    protected abstract bool Execute(ReadOnlySpan<byte> bytes);

    /// <summary>As after power-on.</summary>
    protected abstract void Reset();

    /// <summary>Says how long the command takes and what can be read after it.</summary>
    /// <returns>True, the acknowledge.</returns>
    protected bool Take(double durationMs, params byte[] answer)
    {
        _execution.Start(durationMs);
        _answer = answer;
        return true;
    }

    /// <summary>The 16-bit command, or −1 where the write is shorter.</summary>
    protected static int CommandOf(ReadOnlySpan<byte> bytes) => bytes.Length < 2 ? -1 : (bytes[0] << 8) | bytes[1];
}
