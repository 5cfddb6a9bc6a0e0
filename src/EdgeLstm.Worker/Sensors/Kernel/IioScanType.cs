// The type string of an element in an IIO scan, and the number that its bytes hold.
//   le:s12/16>>4    byte order : sign or float, bits / bits stored [X repeat] >> shift

using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeLstm.Worker.Sensors;

/// <summary>How one element of a scan is stored.</summary>
/// <param name="IsBigEndian">Byte order: be or le.</param>
/// <param name="Kind">'s' two's complement, 'u' unsigned, 'f' IEEE 754.</param>
/// <param name="Bits">Bits of the number.</param>
/// <param name="StorageBits">Bits that it is stored in: 8 to 64.</param>
/// <param name="Repeat">Numbers in the element: 4 for a quaternion; the first is read.</param>
/// <param name="Shift">Bits below the number.</param>
/// <remarks>Source: Linux, Documentation/iio/iio_devbuf.rst and ABI/testing/sysfs-bus-iio, scan_elements/…_type.</remarks>
internal readonly partial record struct IioScanType(bool IsBigEndian, char Kind, int Bits, int StorageBits, int Repeat, int Shift)
{
    private const int LongestRepeat = 64;

    /// <summary>Bytes of one element, and what its place in the scan is a multiple of.</summary>
    public int Bytes => StorageBits / 8 * Repeat;

    /// <summary>Reads a type string; false when it is none.</summary>
    public static bool TryParse(string text, out IioScanType type)
    {
        type = default;
        Match match = Pattern().Match(text);
        if (!match.Success)
        {
            return false;
        }

        type = new IioScanType(match.Groups[1].Value == "be", match.Groups[2].Value[0], Number(match.Groups[3], 0),
            Number(match.Groups[4], 0), Number(match.Groups[5], 1), Number(match.Groups[6], 0));
        bool fits = type.StorageBits is > 0 and <= 64 && type.StorageBits % 8 == 0 && type.Bits > 0
            && type.Bits + type.Shift <= type.StorageBits && type.Repeat is > 0 and <= LongestRepeat;
        return fits && (type.Kind != 'f' || (type.Bits == type.StorageBits && type.Bits is 16 or 32 or 64));
    }

    /// <summary>The number of an element as a whole number; for 'u' of 64 bits its bits.</summary>
    /// <param name="element">At least StorageBits / 8 bytes.</param>
    public long ToInteger(ReadOnlySpan<byte> element)
    {
        ulong stored = 0;
        int bytes = StorageBits / 8;
        for (int i = 0; i < bytes; i++)
        {
            stored = (stored << 8) | element[IsBigEndian ? i : bytes - 1 - i];
        }

        int above = 64 - Bits;
        ulong atTop = stored >> Shift << above;
        return Kind == 's' ? (long)atTop >> above : (long)(atTop >> above);
    }

    /// <summary>The number of an element.</summary>
    /// <param name="element">At least StorageBits / 8 bytes.</param>
    public double ToDouble(ReadOnlySpan<byte> element)
    {
        long number = ToInteger(element);
        return (Kind, Bits) switch
        {
            ('f', 16) => (double)BitConverter.Int16BitsToHalf((short)number),
            ('f', 32) => BitConverter.Int32BitsToSingle((int)number),
            ('f', _) => BitConverter.Int64BitsToDouble(number),
            ('u', _) => (ulong)number,
            _ => number,
        };
    }

    private static int Number(Group group, int absent) =>
        !group.Success ? absent
        : int.TryParse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value
        : -1;

    [GeneratedRegex(@"^(le|be):([suf])(\d{1,3})/(\d{1,3})(?:X(\d{1,3}))?(?:>>(\d{1,3}))?$")]
    private static partial Regex Pattern();
}
