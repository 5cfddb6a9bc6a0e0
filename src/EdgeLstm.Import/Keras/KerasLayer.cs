// A layer of a Keras configuration, and the path under which Keras 3 stores its weights.

using System.Text;

namespace EdgeLstm.Import.Keras;

/// <summary>A layer as the configuration describes it.</summary>
/// <param name="Name">Its name: <c>lstm_1</c>.</param>
/// <param name="ClassName">Its class: <c>LSTM</c>.</param>
/// <param name="Config">Its own configuration.</param>
/// <param name="StoredName">The name of its class in snake case and a count, as Keras 3 stores its weights:
/// <c>lstm_1</c>.</param>
internal sealed record KerasLayer(string Name, string ClassName, ConfigNode Config, string StoredName)
{
    /// <summary>The layer that a wrapper holds: TimeDistributed its <c>layer</c>, RNN its <c>cell</c>.</summary>
    public KerasLayer Inner(string key)
    {
        ConfigNode inner = Config.Object(key) ?? throw Config.Refuse($"has no '{key}'; expected what it wraps");
        string className = inner.Text("class_name") ?? throw Config.Refuse($"'{key}' has no 'class_name'");
        return this with { ClassName = className, Config = inner.Object("config") ?? inner };
    }

    /// <summary>As Keras 3 names the weights of a class: SimpleRNN is simple_rnn, TimeDistributed is time_distributed.</summary>
    /// <remarks>A capital begins a word where a small letter follows it or a small letter stands before it.</remarks>
    public static string SnakeCase(string className)
    {
        var snake = new StringBuilder(className.Length + 8);
        for (int k = 0; k < className.Length; k++)
        {
            char letter = className[k];
            bool isWord = char.IsAsciiLetterOrDigit(letter) || letter == '_';
            bool begins = k > 0 && char.IsAsciiLetterUpper(letter)
                && ((k + 1 < className.Length && char.IsAsciiLetterLower(className[k + 1]))
                    || char.IsAsciiLetterLower(className[k - 1]));
            if (begins)
            {
                snake.Append('_');
            }

            if (isWord)
            {
                snake.Append(char.ToLowerInvariant(letter));
            }
        }

        return snake.ToString();
    }
}
