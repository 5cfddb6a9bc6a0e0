// Names for the channels of a guessed profile: those that the sensor sends, each only once, else channel1, channel2, …

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Collects channels with names that differ.</summary>
internal sealed class ChannelNames
{
    private readonly List<ChannelProfile> _channels = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The channels so far.</summary>
    public IReadOnlyList<ChannelProfile> Channels => _channels;

    /// <summary>Adds a channel unless the profile has as many as it may.</summary>
    /// <param name="name">The name wished for; empty for a number.</param>
    /// <param name="field">Where its value stands.</param>
    public void Add(string name, string field)
    {
        if (_channels.Count == ProfileRules.ChannelLimit)
        {
            return;
        }

        string wished = string.IsNullOrWhiteSpace(name) ? $"channel{_channels.Count + 1}" : name.Trim();
        string unique = wished;
        for (int i = 2; !_names.Add(unique); i++)
        {
            unique = $"{wished}{i}";
        }

        _channels.Add(new ChannelProfile(unique, field == unique ? null : new FieldPath(field)));
    }
}
