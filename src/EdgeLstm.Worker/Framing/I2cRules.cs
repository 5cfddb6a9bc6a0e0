// What must hold for the transfers of an I²C sensor, and between what they read and the record's fields.

using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Json;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Framing;

/// <summary>The rules of an <see cref="I2cProfile"/>.</summary>
internal static class I2cRules
{
    /// <summary>Lowest and highest address of a sensor; those around them have other meanings on the bus.</summary>
    public const int LowestAddress = 0x03, HighestAddress = 0x77;

    /// <summary>Bytes of a record at most.</summary>
    public const int RecordLimitBytes = 4096;

    private const string At = "transport.i2c";
    private const int ExpectLimitBytes = 4;

    public static void Check(SensorProfile profile, ProblemList problems)
    {
        if (profile.TransportOrSerial.I2c is not { } i2c)
        {
            return;
        }

        CheckAddress(i2c.Address, $"{At}.address", problems);
        for (int i = 0; i < i2c.OtherAddresses?.Count; i++)
        {
            CheckAddress(i2c.OtherAddresses[i], $"{At}.otherAddresses[{i}]", problems);
        }

        if (i2c.Checksum is { } checksum)
        {
            ChecksumRules.Check(checksum, $"{At}.checksum", problems);
        }

        CheckSteps(i2c.Setup ?? [], i2c, $"{At}.setup", problems);
        CheckSteps(i2c.Steps, i2c, $"{At}.measure", problems);
        if (i2c.Identify is { } identify)
        {
            CheckStep(identify, i2c, $"{At}.identify", problems);
        }

        CheckRecord(profile, i2c, problems);
        CheckDuration(profile, i2c, problems);
    }

    private static void CheckAddress(HexNumber address, string path, ProblemList problems)
    {
        if (address.Value is < LowestAddress or > HighestAddress)
        {
            problems.Add(path, $"must be a 7-bit address from \"0x03\" to \"0x77\"{Found(address)}; data sheets that count the "
                + "direction bit give twice the address");
        }
    }

    private static void CheckSteps(IReadOnlyList<I2cStep> steps, I2cProfile i2c, string path, ProblemList problems)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            CheckStep(steps[i], i2c, $"{path}[{i}]", problems);
        }
    }

    private static void CheckStep(I2cStep step, I2cProfile i2c, string path, ProblemList problems)
    {
        for (int i = 0; i < step.Write?.Count; i++)
        {
            if (step.Write[i].Value is < 0 or > byte.MaxValue)
            {
                problems.Add($"{path}.write[{i}]", $"must be a byte such as 107 or \"0x6B\"{Found(step.Write[i])}");
            }
        }

        if (step.Write is not { Count: > 0 } && step.Read == 0 && step.WaitMs == 0)
        {
            problems.Add(path, "does nothing: give write, read or waitMs");
        }

        CheckChecksums(step, i2c, path, problems);
        if (step.Expect is { } expect)
        {
            CheckExpect(expect, step.DataBytes(ChecksumBytes(i2c)), $"{path}.expect", problems);
        }
    }

    private static void CheckChecksums(I2cStep step, I2cProfile i2c, string path, ProblemList problems)
    {
        if (step.CheckEvery is not { } every)
        {
            return;
        }

        int group = every + ChecksumBytes(i2c);
        if (i2c.Checksum is null)
        {
            problems.Add($"{path}.checkEvery", $"needs {At}.checksum, which says how the checksum is computed");
        }
        else if (step.Read == 0 || step.Read % group != 0)
        {
            problems.Add($"{path}.read", $"must be a multiple of {group}: {every} bytes and their checksum; got {step.Read}");
        }
    }

    private static void CheckExpect(ExpectProfile expect, int bytes, string path, ProblemList problems)
    {
        if (bytes is < 1 or > ExpectLimitBytes)
        {
            problems.Add(path, $"compares 1 to {ExpectLimitBytes} bytes; its step reads {bytes}");
            return;
        }

        long all = uint.MaxValue >> (8 * (ExpectLimitBytes - bytes));
        CheckNumber(expect.Value, "value");
        CheckNumber(expect.Mask, "mask");
        long mask = expect.Mask?.Value ?? all;
        if (expect.Value.Value >= 0 && mask >= 0 && (expect.Value.Value & ~mask) != 0)
        {
            problems.Add($"{path}.value", $"can never be read: {expect.Value} has bits outside of mask {new HexNumber(mask)}");
        }

        void CheckNumber(HexNumber? number, string key)
        {
            if (number is not null && (number.Value < 0 || number.Value > all))
            {
                problems.Add($"{path}.{key}", $"must be a number of {bytes} bytes such as \"0x80\"{Found(number)}");
            }
        }
    }

    private static void CheckRecord(SensorProfile profile, I2cProfile i2c, ProblemList problems)
    {
        if (i2c.NeedsBinding)
        {
            return;
        }

        int[] reads = Reads(i2c.Steps, ChecksumBytes(i2c));
        int bytes = reads.Sum();
        if (bytes is 0 or > RecordLimitBytes)
        {
            problems.Add($"{At}.measure",
                $"must read 1 to {RecordLimitBytes} bytes in steps without expect: they are the record; got {bytes}");
        }
        else if (Compensation.Create(i2c.Compensation) is { } compensation)
        {
            CheckReads(compensation.CalibrationReads, Reads(i2c.Setup ?? [], ChecksumBytes(i2c)), "setup", i2c, problems);
            CheckReads([compensation.RawBytes], reads, "measure", i2c, problems);
            CheckQuantities(profile.Channels, compensation, i2c.Compensation!, problems);
        }
        else
        {
            CheckFields(profile.FramingOrValues, bytes, problems);
        }
    }

    private static void CheckReads(int[] expected, int[] found, string key, I2cProfile i2c, ProblemList problems)
    {
        if (!expected.AsSpan().SequenceEqual(found))
        {
            string got = found.Length == 0 ? "none" : string.Join(", ", found);
            problems.Add($"{At}.{key}", $"must read {string.Join(", then ", expected)} bytes for compensation {i2c.Compensation}"
                + $", in steps without expect; got {got}");
        }
    }

    private static void CheckQuantities(
        IReadOnlyList<ChannelProfile> channels, Compensation compensation, string name, ProblemList problems)
    {
        for (int i = 0; i < channels.Count; i++)
        {
            string field = channels[i].FieldText;
            if (!compensation.Quantities.Contains(field))
            {
                string known = string.Join(", ", compensation.Quantities);
                problems.Add($"channels[{i}].field", $"must be one of {known} for compensation {name}; got '{field}'"
                    + NearestName.DidYouMean(field, compensation.Quantities));
            }
        }
    }

    private static void CheckFields(FramingProfile framing, int bytes, ProblemList problems)
    {
        int checksum = ChecksumRules.BytesOf(framing.Checksum?.Kind ?? "");
        int end = 0;
        for (int i = 0; i < framing.Fields?.Count; i++)
        {
            FieldProfile field = framing.Fields[i];
            end = (field.At ?? end) + BinaryField.WidthOf(field.Type);
            if (end + checksum > bytes)
            {
                problems.Add($"framing.fields[{i}]", $"ends after byte {end + checksum}; the measurement's reads give {bytes}");
            }
        }
    }

    // A rate that the sensor's own waits forbid would leave out measurements all the time.
    private static void CheckDuration(SensorProfile profile, I2cProfile i2c, ProblemList problems)
    {
        double waitMs = i2c.Steps.Sum(step => step.WaitMs);
        if (waitMs * profile.RateHz > 1000)
        {
            problems.Add("rateHz", string.Create(CultureInfo.InvariantCulture,
                $"must be at most {1000 / waitMs:0.###}: a measurement's waits take {waitMs:0.###} ms; got {profile.RateHz}"));
        }
    }

    private static int[] Reads(IReadOnlyList<I2cStep> steps, int checksumBytes) =>
        steps.Where(step => step.Read > 0 && step.Expect is null).ToArray(step => step.DataBytes(checksumBytes));

    private static int ChecksumBytes(I2cProfile i2c) => ChecksumRules.BytesOf(i2c.Checksum?.Kind ?? "");

    private static string Found(HexNumber number) => number.Value < 0 ? "" : $"; got {number}";
}
