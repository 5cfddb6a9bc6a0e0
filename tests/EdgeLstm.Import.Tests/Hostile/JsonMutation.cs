// Damages JSON so that it stays JSON: a value becomes another value of the same text, or one that nobody expects.

using System.Text.Json;

namespace EdgeLstm.Import.Tests.Hostile;

/// <summary>Exchanges values, keys and whole branches.</summary>
internal static class JsonMutation
{
    private static readonly byte[][] Values =
    [
        "null"u8.ToArray(), "-1"u8.ToArray(), "0"u8.ToArray(), "1e999"u8.ToArray(), "1e39"u8.ToArray(), "2147483648"u8.ToArray(),
        "99999999999999999999"u8.ToArray(), "1.5"u8.ToArray(), "\"\""u8.ToArray(), "[]"u8.ToArray(), "{}"u8.ToArray(),
        "1"u8.ToArray(), "[[1]]"u8.ToArray(), "true"u8.ToArray(), "65536"u8.ToArray(), "\"lstm\""u8.ToArray(),
        "\"../../x\""u8.ToArray(), "[null]"u8.ToArray(), "2"u8.ToArray(), "2147483647"u8.ToArray(),
        "\"\\ud800\""u8.ToArray(), "[0,0,0,0]"u8.ToArray(),
    ];

    /// <summary>Whether bytes may be JSON.</summary>
    public static bool Fits(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> text = bytes.TrimStart(" \t\r\n"u8);
        return text.Length > 1 && text[0] is (byte)'{' or (byte)'[';
    }

    /// <summary>The text with one change.</summary>
    public static byte[] Of(byte[] text, Random random)
    {
        List<Range> parts = Parts(text);
        if (parts.Count == 0)
        {
            return text;
        }

        Range target = parts[random.Next(parts.Count)];
        byte[] source = text[parts[random.Next(parts.Count)]];
        byte[] value = random.Next(3) switch
        {
            0 => source,
            1 => Values[random.Next(Values.Length)],
            _ => WithOtherDigit(text[target], random),
        };
        return random.Next(16) == 0
            ? [.. text[..target.Start], .. value, (byte)',', .. text[target.Start..]]
            : [.. text[..target.Start], .. value, .. text[target.End..]];
    }

    /// <summary>The same within a fixed number of bytes: shorter texts are filled up with spaces, longer ones given up.</summary>
    public static void InPlace(Span<byte> text, Random random)
    {
        byte[] changed = Of(text.ToArray(), random);
        if (changed.Length <= text.Length)
        {
            text.Fill((byte)' ');
            changed.CopyTo(text);
        }
    }

    // Keys, values and branches, as far as the text is JSON.
    private static List<Range> Parts(byte[] text)
    {
        List<Range> parts = [];
        Stack<int> open = [];
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { AllowTrailingCommas = true });
        try
        {
            while (reader.Read())
            {
                int start = (int)reader.TokenStartIndex;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    open.Push(start);
                }
                else if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    parts.Add(open.Pop()..(start + 1));
                }
                else
                {
                    int quotes = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0;
                    parts.Add(start..(start + reader.ValueSpan.Length + quotes));
                }
            }
        }
        catch (JsonException)
        {
            // An earlier change broke the text: what was read before that is there to choose from.
        }

        return parts;
    }

    private static byte[] WithOtherDigit(byte[] value, Random random)
    {
        int digit = value.AsSpan().IndexOfAnyInRange((byte)'0', (byte)'9');
        if (digit >= 0)
        {
            value[digit] = (byte)('1' + random.Next(9));
        }

        return value;
    }
}
