// The steps of a profile's setup or measurement, done one transfer at a time; the bytes that they read, in order.

using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Sensors;

/// <summary>How one step went.</summary>
internal enum I2cOutcome : byte
{
    /// <summary>Done; the next one follows after <see cref="I2cSequence.WaitNs"/>.</summary>
    Next,

    /// <summary>That was the last one; whatever comes next does after <see cref="I2cSequence.WaitNs"/>.</summary>
    Complete,

    /// <summary>The transfer failed: <see cref="I2cSequence.Errno"/>.</summary>
    Failed,

    /// <summary>A checksum does not match.</summary>
    BadChecksum,

    /// <summary>The read did not give what was expected, in the time allowed for it.</summary>
    Unexpected,

    /// <summary>The sensor's calibration cannot be one: blank.</summary>
    BadCalibration,
}

/// <summary>One run through a list of steps after another. A run starts with <see cref="Begin"/>; after a failure too.</summary>
internal sealed class I2cSequence
{
    private readonly string _name;
    private readonly Step[] _steps;
    private readonly Checksum? _checksum;
    private readonly byte[] _read;      // one read as it came [longest read]
    private readonly byte[] _bytes;     // all reads without checksums and expected ones [Bytes.Length]
    private int _at;
    private long _expectedUntilNs;      // 0: the step has not been tried yet
    private uint _found;

    /// <param name="name">Key of the steps in the profile, for messages: setup or measure.</param>
    /// <param name="steps">The steps, without problems; may be empty.</param>
    /// <param name="checksum">The checksum of steps with checkEvery.</param>
    public I2cSequence(string name, IReadOnlyList<I2cStep> steps, Checksum? checksum)
    {
        _name = name;
        _checksum = checksum;
        _steps = steps.ToArray(step => new Step(step, checksum?.Bytes ?? 0));
        _read = new byte[_steps.Aggregate(0, (most, step) => Math.Max(most, step.ReadBytes))];
        _bytes = new byte[_steps.Sum(step => step.RecordBytes)];
        Begin();
    }

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => _steps.Length == 0;

    /// <summary>What the reads of the last complete run gave, in order, without checksums and without expected ones.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>When the last read began that is part of <see cref="Bytes"/>, in monotonic nanoseconds.</summary>
    public long ReadNs { get; private set; }

    /// <summary>Time to leave before whatever comes next, counted from the end of the step.</summary>
    public long WaitNs { get; private set; }

    /// <summary>Why the last failed transfer failed.</summary>
    public int Errno { get; private set; }

    /// <summary>Starts over.</summary>
    public void Begin()
    {
        _at = 0;
        _expectedUntilNs = 0;
    }

    /// <summary>Does the next step: one transfer at most. Allocates nothing.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="address">7-bit address.</param>
    /// <param name="nowNs">Monotonic time.</param>
    public I2cOutcome Run(I2cBus bus, int address, long nowNs)
    {
        ref readonly Step step = ref _steps[_at];
        WaitNs = step.WaitNs;
        if (step.Write.Length > 0 || step.ReadBytes > 0)
        {
            Errno = bus.Transfer(address, step.Write, _read.AsSpan(0, step.ReadBytes));
            if (Errno != 0)
            {
                return I2cOutcome.Failed;
            }
        }

        if (step.CheckEvery > 0 && !StripChecksums(step.ReadBytes, step.CheckEvery))
        {
            return I2cOutcome.BadChecksum;
        }

        return step.Expect ? CheckExpected(step, nowNs) : Keep(step, nowNs);
    }

    /// <summary>What the step found that ended the run with <see cref="I2cOutcome.Unexpected"/>, for a message.</summary>
    public string DescribeUnexpected()
    {
        Step step = _steps[_at];
        string within = step.WithinNs > 0
            ? string.Create(CultureInfo.InvariantCulture, $" within {step.WithinNs / 1e6:0.###} ms")
            : "";
        return $"{_name}[{_at}] got {Hex(_found)}, expected {Hex(step.Value)} under mask {Hex(step.Mask)}{within}";

        string Hex(uint value) => "0x" + value.ToString($"X{2 * step.DataBytes}", CultureInfo.InvariantCulture);
    }

    // Moves the data bytes together at the front of the read.
    private bool StripChecksums(int readBytes, int checkEvery)
    {
        int kept = 0;
        int checkBytes = _checksum!.Bytes;
        for (int at = 0; at < readBytes; at += checkEvery + checkBytes)
        {
            ReadOnlySpan<byte> data = _read.AsSpan(at, checkEvery);
            if (!_checksum.Matches(data, _read.AsSpan(at + checkEvery, checkBytes)))
            {
                return false;
            }

            data.CopyTo(_read.AsSpan(kept));
            kept += checkEvery;
        }

        return true;
    }

    private I2cOutcome CheckExpected(in Step step, long nowNs)
    {
        _found = 0;
        foreach (byte value in _read.AsSpan(0, step.DataBytes))
        {
            _found = (_found << 8) | value;
        }

        if ((_found & step.Mask) == step.Value)
        {
            return Advance();
        }

        _expectedUntilNs = _expectedUntilNs == 0 ? nowNs + step.WithinNs : _expectedUntilNs;
        if (nowNs >= _expectedUntilNs)
        {
            return I2cOutcome.Unexpected;
        }

        WaitNs = step.EveryNs;
        return I2cOutcome.Next;
    }

    private I2cOutcome Keep(in Step step, long nowNs)
    {
        if (step.RecordBytes > 0)
        {
            int before = 0;
            for (int i = 0; i < _at; i++)
            {
                before += _steps[i].RecordBytes;
            }

            _read.AsSpan(0, step.RecordBytes).CopyTo(_bytes.AsSpan(before));
            ReadNs = nowNs;
        }

        return Advance();
    }

    private I2cOutcome Advance()
    {
        _expectedUntilNs = 0;
        _at++;
        return _at < _steps.Length ? I2cOutcome.Next : I2cOutcome.Complete;
    }

    /// <summary>A step with everything looked up.</summary>
    private readonly struct Step
    {
        private const double NsPerMs = 1e6;

        public Step(I2cStep step, int checksumBytes)
        {
            Write = (step.Write ?? []).ToArray(number => (byte)number.Value);
            ReadBytes = step.Read;
            CheckEvery = step.CheckEvery ?? 0;
            DataBytes = step.DataBytes(checksumBytes);
            WaitNs = (long)(step.WaitMs * NsPerMs);
            if (step.Expect is { } expect)
            {
                Expect = true;
                Mask = (uint)(expect.Mask?.Value ?? uint.MaxValue >> (32 - (8 * DataBytes)));
                Value = (uint)expect.Value.Value;
                WithinNs = (long)(expect.WithinMs * NsPerMs);
                EveryNs = (long)(expect.EveryMs * NsPerMs);
            }
        }

        public byte[] Write { get; }

        public int ReadBytes { get; }

        public int CheckEvery { get; }

        public int DataBytes { get; }

        public int RecordBytes => Expect ? 0 : DataBytes;

        public long WaitNs { get; }

        public bool Expect { get; }

        public uint Mask { get; }

        public uint Value { get; }

        public long WithinNs { get; }

        public long EveryNs { get; }
    }
}
