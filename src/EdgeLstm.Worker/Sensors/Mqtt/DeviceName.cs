// The name of a device's stream:  <stream>-<device>  with what cannot stand in a name replaced, and told apart by a hash then.
//
//     climate, freezer        → climate-freezer
//     climate, Küche/Süd 1    → climate-K-che-S-d-1-5d1f      FNV-1a (32 bits, folded to 16) of the device's own UTF-8

using System.Globalization;
using System.Text;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Makes names that depend on the device alone, so that a restart finds the saved state whoever speaks first.</summary>
internal static class DeviceName
{
    private const int HashCharacters = 5;

    /// <summary>The name: letters, digits, '-' and '_', at most <see cref="SettingsRules.NameLimit"/> characters.</summary>
    /// <param name="stream">Name of the stream with {device}, at most <see cref="SettingsRules.DeviceStreamNameLimit"/>
    /// characters.</param>
    /// <param name="device">Text of the topic's level, UTF-8.</param>
    public static string Of(string stream, ReadOnlySpan<byte> device)
    {
        StringBuilder name = new(stream);
        name.Append('-');
        bool changed = device.IsEmpty;
        foreach (char c in Encoding.UTF8.GetString(device))
        {
            bool fits = char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
            name.Append(fits ? c : '-');
            changed |= !fits;
        }

        int limit = SettingsRules.NameLimit - HashCharacters;
        if (changed || name.Length > SettingsRules.NameLimit)
        {
            name.Length = Math.Min(name.Length, limit);
            name.Append(CultureInfo.InvariantCulture, $"-{Hash(device):x4}");
        }

        return name.ToString();
    }

    private static int Hash(ReadOnlySpan<byte> text)
    {
        uint hash = 2_166_136_261;
        foreach (byte b in text)
        {
            hash = (hash ^ b) * 16_777_619;
        }

        return (int)((hash >> 16) ^ (hash & 0xFFFF));
    }
}
