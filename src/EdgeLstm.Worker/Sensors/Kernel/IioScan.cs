// Where the channels stand in the scans that an IIO buffer gives: each element at a multiple of its own size.

using System.Globalization;

namespace EdgeLstm.Worker.Sensors;

/// <summary>The layout of a scan: the enabled elements in the order of their index, the whole padded to the largest
/// one.</summary>
/// <remarks>Source: Linux, Documentation/iio/iio_devbuf.rst; iio_compute_scan_bytes of
/// drivers/iio/industrialio-buffer.c.</remarks>
internal sealed class IioScan
{
    private const string Timestamp = "in_timestamp";

    private readonly Field[] _fields;      // [fields asked for]
    private readonly Element? _timestamp;

    private IioScan(Field[] fields, Element? timestamp, int bytes)
    {
        _fields = fields;
        _timestamp = timestamp;
        Bytes = bytes;
    }

    /// <summary>Bytes of one scan.</summary>
    public int Bytes { get; }

    /// <summary>True when scans hold the time at which they were taken.</summary>
    public bool HasTimestamp => _timestamp is not null;

    /// <summary>Reads the layout of what is enabled; null with a problem when a channel is not in it.</summary>
    /// <param name="folder">The folder with in_…_en, in_…_index and in_…_type: scan_elements or buffer0.</param>
    /// <param name="channels">The channels asked for.</param>
    /// <param name="problem">What is wrong; empty when all is well.</param>
    public static IioScan? TryRead(string folder, IReadOnlyList<IioChannel> channels, out string problem)
    {
        List<Element> elements = [];
        foreach (string file in Directory.GetFiles(folder, "in_*_en"))
        {
            if (KernelFile.ReadText(file) != "1")
            {
                continue;
            }

            string stem = Path.GetFileName(file)[..^3];
            if (TryReadElement(folder, stem, out problem) is not { } element)
            {
                return null;
            }

            elements.Add(element);
        }

        return Lay(folder, elements, channels, out problem);
    }

    /// <summary>Reads the channels of a scan in our units.</summary>
    /// <param name="scan">One scan.</param>
    /// <param name="values">Receives the values [fields asked for].</param>
    public void ReadValues(ReadOnlySpan<byte> scan, Span<double> values)
    {
        for (int i = 0; i < _fields.Length; i++)
        {
            Field field = _fields[i];
            values[i] = (field.Element.Type.ToDouble(scan[field.Element.At..]) + field.Offset) * field.Scale;
        }
    }

    /// <summary>When a scan was taken, in nanoseconds of the device's clock; 0 where scans hold no time.</summary>
    public long ReadTimestamp(ReadOnlySpan<byte> scan) =>
        _timestamp is { } element ? element.Type.ToInteger(scan[element.At..]) : 0;

    private static Element? TryReadElement(string folder, string stem, out string problem)
    {
        string? index = KernelFile.ReadText(Path.Combine(folder, $"{stem}_index"));
        string? type = KernelFile.ReadText(Path.Combine(folder, $"{stem}_type"));
        problem = "";
        if (int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int place)
            && IioScanType.TryParse(type ?? "", out IioScanType parsed))
        {
            return new Element(stem, place, parsed, 0);
        }

        problem = $"{folder}/{stem}_index and _type hold '{index}' and '{type}'; expected a number and a type such as "
            + "le:s12/16>>4";
        return null;
    }

    private static IioScan? Lay(string folder, List<Element> elements, IReadOnlyList<IioChannel> channels, out string problem)
    {
        elements.Sort((a, b) => a.Index.CompareTo(b.Index));
        int bytes = 0;
        int largest = 1;
        for (int i = 0; i < elements.Count; i++)
        {
            int size = elements[i].Type.Bytes;
            elements[i] = elements[i] with { At = RoundUp(bytes, size) };
            bytes = elements[i].At + size;
            largest = Math.Max(largest, size);
        }

        Field[] fields = new Field[channels.Count];
        for (int i = 0; i < fields.Length; i++)
        {
            IioChannel channel = channels[i];
            if (elements.Find(element => element.Stem == channel.Stem) is not { } found)
            {
                problem = $"{folder}/{channel.Stem}_en is not 1: the driver does not capture this channel";
                return null;
            }

            if (!channel.TryReadScale(out double scale, out double offset, out problem))
            {
                return null;
            }

            fields[i] = new Field(found, scale, offset);
        }

        problem = "";
        return new IioScan(fields, elements.Find(element => element.Stem == Timestamp), RoundUp(bytes, largest));
    }

    private static int RoundUp(int place, int size) => (place + size - 1) / size * size;

    private sealed record Element(string Stem, int Index, IioScanType Type, int At);

    private readonly record struct Field(Element Element, double Scale, double Offset);
}
