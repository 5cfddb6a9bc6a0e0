// A topic filter of MQTT 3.1.1, section 4.7: '+' stands for one level, '#' for all that follow; {device} is a '+' that is read.

using System.Text;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Matches topics, which are UTF-8, against one filter. Allocates nothing and takes time in proportion to the
/// topic.</summary>
internal sealed class TopicFilter
{
    /// <summary>What stands in place of the level that names the device.</summary>
    public const string DevicePlace = "{device}";

    private const int LengthLimitBytes = 65_535;

    private readonly byte[] _filter;
    private readonly int _deviceLevel;

    /// <param name="topic">A topic, a filter, or one with {device}, in which <see cref="FindProblem"/> finds none.</param>
    public TopicFilter(string topic)
    {
        Topic = topic;
        Filter = topic.Replace(DevicePlace, "+");
        _filter = Encoding.UTF8.GetBytes(Filter);
        _deviceLevel = Array.IndexOf(topic.Split('/'), DevicePlace);
    }

    /// <summary>As the configuration writes it.</summary>
    public string Topic { get; }

    /// <summary>As the broker is asked for it.</summary>
    public string Filter { get; }

    /// <summary>Whether a topic names a device, so that one stream is made for each.</summary>
    public static bool NamesDevice(string? topic) => topic?.Contains(DevicePlace, StringComparison.Ordinal) == true;

    /// <summary>Why a text can be no filter; null when it can.</summary>
    public static string? FindProblem(string topic)
    {
        string[] levels = topic.Split('/');
        if (topic.Length == 0 || Encoding.UTF8.GetByteCount(topic) > LengthLimitBytes
            || topic.AsSpan().ContainsAnyInRange('\0', '\x1f'))
        {
            return $"must be 1 to {LengthLimitBytes} bytes without control characters";
        }

        if (topic.StartsWith("$share/", StringComparison.Ordinal))
        {
            return "cannot be a shared subscription: its messages would be shared out among clients; leave '$share/…/' out";
        }

        if (Array.Exists(levels, level => level.Length > 1 && level.AsSpan().ContainsAny('+', '#')))
        {
            return $"'+' and '#' must fill a level between slashes; got '{topic}'";
        }

        int rest = Array.IndexOf(levels, "#");
        if (rest >= 0 && rest < levels.Length - 1)
        {
            return $"'#' must be the last level; got '{topic}'";
        }

        bool isWhole = levels.Count(level => level == DevicePlace) == 1;
        return NamesDevice(topic) && (!isWhole || levels.Count(NamesDevice) > 1 || rest >= 0)
            ? $"{DevicePlace} must fill one level, once, without '#' beside it; got '{topic}'"
            : null;
    }

    /// <summary>Whether the filter matches a topic.</summary>
    /// <param name="topic">The topic of a message.</param>
    /// <param name="device">The text of the level that {device} stands for; empty where there is none.</param>
    public bool Matches(ReadOnlySpan<byte> topic, out ReadOnlySpan<byte> device)
    {
        device = default;
        ReadOnlySpan<byte> filter = _filter;

        // Topics that begin with '$' are the broker's own; a wildcard does not stand for them.
        if (topic.StartsWith("$"u8) && (filter[0] is (byte)'+' or (byte)'#'))
        {
            return false;
        }

        for (int level = 0; ; level++)
        {
            ReadOnlySpan<byte> wanted = NextLevel(ref filter, out bool filterEnds);
            if (wanted is [(byte)'#'])
            {
                return true;
            }

            ReadOnlySpan<byte> found = NextLevel(ref topic, out bool topicEnds);
            device = level == _deviceLevel ? found : device;
            if (wanted is not [(byte)'+'] && !wanted.SequenceEqual(found))
            {
                return false;
            }

            if (filterEnds || topicEnds)
            {
                // "a/#" matches "a" too.
                return topicEnds && (filterEnds || filter is [(byte)'#']);
            }
        }
    }

    /// <summary>Whether some topic matches both filters.</summary>
    public bool Overlaps(TopicFilter other)
    {
        ReadOnlySpan<byte> mine = _filter;
        ReadOnlySpan<byte> theirs = other._filter;
        while (true)
        {
            ReadOnlySpan<byte> a = NextLevel(ref mine, out bool mineEnds);
            ReadOnlySpan<byte> b = NextLevel(ref theirs, out bool theirsEnds);
            if (a is [(byte)'#'] || b is [(byte)'#'])
            {
                return true;
            }

            if (a is not [(byte)'+'] && b is not [(byte)'+'] && !a.SequenceEqual(b))
            {
                return false;
            }

            if (mineEnds || theirsEnds)
            {
                return (mineEnds && theirsEnds) || (!mineEnds && mine is [(byte)'#']) || (!theirsEnds && theirs is [(byte)'#']);
            }
        }
    }

    /// <summary>Whether this filter matches every topic that the other one matches.</summary>
    public bool Covers(TopicFilter other)
    {
        ReadOnlySpan<byte> mine = _filter;
        ReadOnlySpan<byte> theirs = other._filter;
        bool mayCover = theirs[0] != '$' || mine[0] == '$';
        while (mayCover)
        {
            ReadOnlySpan<byte> a = NextLevel(ref mine, out bool mineEnds);
            if (a is [(byte)'#'])
            {
                return true;
            }

            ReadOnlySpan<byte> b = NextLevel(ref theirs, out bool theirsEnds);
            mayCover = b is not [(byte)'#'] && (a is [(byte)'+'] || a.SequenceEqual(b));
            if (mayCover && (mineEnds || theirsEnds))
            {
                return theirsEnds && (mineEnds || mine is [(byte)'#']);
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> NextLevel(scoped ref ReadOnlySpan<byte> rest, out bool isLast)
    {
        int slash = rest.IndexOf((byte)'/');
        isLast = slash < 0;
        ReadOnlySpan<byte> level = isLast ? rest : rest[..slash];
        rest = isLast ? default : rest[(slash + 1)..];
        return level;
    }
}
