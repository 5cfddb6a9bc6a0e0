// Topic names as the C library wants them: null-terminated UTF-8, built once.
//
//     <prefix>/<device>/status | health | request/<verb> | response/<verb>
//     <prefix>/<device>/<stream>/state | event | history

using System.Text;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>The topics of one device.</summary>
internal sealed class MqttTopics(string prefix, string device)
{
    private readonly string _root = $"{prefix}/{device}";

    /// <summary>Retained, last will: online or offline.</summary>
    public byte[] Status => Encode(StatusName);

    public string StatusName => $"{_root}/status";

    /// <summary>Retained: counters.</summary>
    public byte[] Health => Encode($"{_root}/health");

    public byte[] Request(string verb) => Encode($"{_root}/request/{verb}");

    public byte[] Response(string verb) => Encode($"{_root}/response/{verb}");

    /// <param name="stream">Name of the stream.</param>
    /// <param name="kind">state, event or history.</param>
    public string StreamName(string stream, string kind) => $"{_root}/{stream}/{kind}";

    /// <summary>UTF-8 with a zero byte at the end.</summary>
    public static byte[] Encode(string topic) => Encoding.UTF8.GetBytes(topic + '\0');

    /// <summary>Whether a name can be one level of a topic: no slash, no wildcard, no control character, 1 to 64
    /// characters.</summary>
    public static bool IsLevel(string name)
    {
        if (name.Length is 0 or > 64 || name[0] == '$')
        {
            return false;
        }

        foreach (char c in name)
        {
            if (c is '/' or '+' or '#' || char.IsControl(c) || char.IsSurrogate(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a text is one or more levels, divided by slashes.</summary>
    public static bool IsPrefix(string prefix)
    {
        foreach (string level in prefix.Split('/'))
        {
            if (!IsLevel(level))
            {
                return false;
            }
        }

        return true;
    }
}
