// A device whose files are read one after another at a fixed pace: start += period.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Polls readings. A file that fails gives NaN; after three failures in a row, or one at the start, the device counts as
/// lost.</summary>
internal sealed class PolledDevice : KernelDevice
{
    private const int FailuresAllowed = 3;

    private readonly KernelReading[] _readings;   // [fields]
    private readonly int[] _failures;             // [fields] in a row
    private readonly long _periodNs;
    private long _dueNs;
    private bool _isWhole;   // every file has given a number once: until then a failure is no accident

    private PolledDevice(string description, KernelReading[] readings, double rateHz)
    {
        Description = description;
        _readings = readings;
        _failures = new int[readings.Length];
        _periodNs = Math.Max(1, (long)(1e9 / rateHz));
        _dueNs = ByteSource.MonotonicNs();
    }

    /// <summary>Opens the reading of one field; null with a problem when that is not possible.</summary>
    public delegate KernelReading? FieldOpener(string field, out string problem);

    /// <summary>Opens all fields of a sensor; null with a problem, and nothing left open, when one cannot be opened.</summary>
    public static PolledDevice? TryOpen(string description, KernelSensor sensor, FieldOpener tryOpenField, out string problem)
    {
        KernelReading[] readings = new KernelReading[sensor.Fields.Count];
        problem = "";
        for (int i = 0; i < readings.Length; i++)
        {
            if (tryOpenField(sensor.Fields[i], out problem) is not { } reading)
            {
                Array.ForEach(readings[..i], opened => opened.Dispose());
                return null;
            }

            readings[i] = reading;
        }

        return new PolledDevice(description, readings, sensor.RateHz);
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override DeviceRead Read(Span<double> values, int wakeFd, long deadlineNs, out long timeNs)
    {
        timeNs = ByteSource.MonotonicNs();
        if (timeNs < _dueNs)
        {
            Descriptor.Wait(-1, wakeFd, Math.Min(_dueNs, deadlineNs) - timeNs, out _);
            timeNs = ByteSource.MonotonicNs();
            if (timeNs < _dueNs)
            {
                return DeviceRead.Nothing;
            }
        }

        // Readings that a slow sensor made impossible are left out; the pace stays that of the first one.
        _dueNs += (((timeNs - _dueNs) / _periodNs) + 1) * _periodNs;
        return ReadAll(values);
    }

    private DeviceRead ReadAll(Span<double> values)
    {
        int read = 0;
        for (int i = 0; i < _readings.Length; i++)
        {
            if (_readings[i].TryRead(out values[i], out int errno))
            {
                _failures[i] = 0;
                read++;
                continue;
            }

            values[i] = double.NaN;
            if (!_isWhole || ++_failures[i] >= FailuresAllowed || KernelFileAdvice.IsGone(errno))
            {
                Problem = KernelFileAdvice.Explain(_readings[i].Path, errno);
                return DeviceRead.Failed;
            }
        }

        _isWhole |= read == _readings.Length;
        return read > 0 ? DeviceRead.Values : DeviceRead.Nothing;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (KernelReading reading in _readings)
        {
            reading.Dispose();
        }
    }
}
