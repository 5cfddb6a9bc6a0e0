// A layer of a model: its kind, its sizes and what tells apart the variants of its kind.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>The kinds of layer a model file may hold.</summary>
public enum LayerKind : byte
{
    /// <summary>Long short-term memory, gates i f g o.</summary>
    Lstm,

    /// <summary>Gated recurrent unit, gates r z n.</summary>
    Gru,

    /// <summary>Plain recurrent layer.</summary>
    Rnn,

    /// <summary>Fully connected layer without state.</summary>
    Dense,
}

/// <summary>One layer; its tensors are named <c>Name.weight_ih</c> and so on.</summary>
/// <param name="Name">1 to 32 of a–z, 0–9 and '_'; unique in the model.</param>
/// <param name="Kind">What the layer computes.</param>
/// <param name="InputSize">Numbers it reads at each step, 1 to 4096.</param>
/// <param name="OutputSize">Numbers it writes at each step, 1 to 4096: the hidden size of a recurrent layer.</param>
/// <param name="Reset">Of a GRU, and only there: whether r acts before or after the recurrent product.</param>
/// <param name="Activation">Of a dense layer, or tanh or relu of a plain recurrent one; not allowed elsewhere.</param>
/// <param name="Peepholes">Of an LSTM: true where the gates also see the cell.</param>
public sealed record LayerManifest(
    string Name,
    LayerKind Kind,
    int InputSize,
    int OutputSize,
    GruReset? Reset = null,
    Activation? Activation = null,
    bool? Peepholes = null);
