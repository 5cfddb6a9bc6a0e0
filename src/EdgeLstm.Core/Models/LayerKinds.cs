// What kinds of layer have in common, and their names in messages.

using System.Text.Json;

namespace EdgeLstm.Core.Models;

/// <summary>Properties of <see cref="LayerKind"/>.</summary>
public static class LayerKinds
{
    /// <summary>Whether a layer carries a hidden state h, and so has the matrices that may be stored narrow.</summary>
    public static bool IsRecurrent(this LayerKind kind) => kind is LayerKind.Lstm or LayerKind.Gru or LayerKind.Rnn;

    /// <summary>The kind as a manifest names it.</summary>
    public static string NameOf(LayerKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    /// <summary>The name after 'a' or 'an'.</summary>
    internal static string WithArticle(LayerKind kind) =>
        $"{(kind is LayerKind.Lstm or LayerKind.Rnn or LayerKind.Activation ? "an" : "a")} {NameOf(kind)}";
}
