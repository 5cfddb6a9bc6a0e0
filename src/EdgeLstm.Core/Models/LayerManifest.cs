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

    /// <summary>An activation alone: y = activation(x), as many outputs as inputs.</summary>
    Activation,

    /// <summary>y = x ⊙ weight + bias, each [InputSize]: a batch normalisation with its trained statistics.</summary>
    Scale,

    /// <summary>y = (x − mean(x)) / √(var(x) + epsilon) ⊙ weight + bias, over the values of one sample.</summary>
    LayerNorm,

    /// <summary>Causal convolution along time; before the first sample lie zeros.</summary>
    Conv1d,
}

/// <summary>One layer; its tensors are named <c>Name.weight_ih</c> and so on.</summary>
/// <param name="Name">1 to 32 of a–z, 0–9 and '_'; unique in the model.</param>
/// <param name="Kind">What the layer computes.</param>
/// <param name="InputSize">Numbers it reads at each step, 1 to 4096.</param>
/// <param name="OutputSize">
/// Numbers it writes at each step, 1 to 4096: the hidden size of a recurrent layer, the projected size of one with a projection.
/// </param>
/// <param name="Reset">Of a GRU, and only there: whether r acts before or after the recurrent product.</param>
/// <param name="Activation">
/// Needed by a dense, convolutional, plain recurrent or activation layer. Of an LSTM that of g, of a GRU that of n; tanh where it
/// is not said.
/// </param>
/// <param name="Peepholes">Of an LSTM: true where the gates also see the cell.</param>
/// <param name="GateActivation">Of an LSTM that of i, f and o, of a GRU that of r and z; sigmoid where it is not said.</param>
/// <param name="OutputActivation">Of an LSTM: h = o ⊙ activation(c); tanh where it is not said.</param>
/// <param name="Clip">Of a recurrent layer: every sum an activation takes (peepholes included) is kept within ±clip.</param>
/// <param name="CellClip">Of an LSTM: the new c is kept within ±cellClip.</param>
/// <param name="CoupledForget">Of an LSTM: true where f = 1 − i, whatever the weights of f.</param>
/// <param name="HiddenSize">Of an LSTM with a projection, and only there: the size H of c; h has OutputSize values.</param>
/// <param name="InitialState">Of a recurrent layer: true where the state begins at trained values instead of zero.</param>
/// <param name="KernelSize">Of a convolution: how many samples each output sees, the newest last; 1 to 1024.</param>
/// <param name="Dilation">Of a convolution: distance of these samples; 1 where it is not said.</param>
/// <param name="Epsilon">Of a layer normalisation: what is added to the variance.</param>
public sealed record LayerManifest(
    string Name,
    LayerKind Kind,
    int InputSize,
    int OutputSize,
    GruReset? Reset = null,
    ActivationFunction? Activation = null,
    bool? Peepholes = null,
    ActivationFunction? GateActivation = null,
    ActivationFunction? OutputActivation = null,
    double? Clip = null,
    double? CellClip = null,
    bool? CoupledForget = null,
    int? HiddenSize = null,
    bool? InitialState = null,
    int? KernelSize = null,
    int? Dilation = null,
    double? Epsilon = null);
