// What tells a recurrent layer apart from the plain one of its kind.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Canonical;

/// <summary>Options of a recurrent layer; what is left out is as in the plain cell.</summary>
/// <param name="GateActivation">Of the gates; sigmoid.</param>
/// <param name="Activation">Of the candidate g or n, or of a plain recurrent layer; tanh.</param>
/// <param name="OutputActivation">Of an LSTM's c on its way out; tanh.</param>
/// <param name="Clip">Bound of what gate activations take; none.</param>
/// <param name="CellClip">Bound of an LSTM's c; none.</param>
/// <param name="CoupledForget">Of an LSTM: f = 1 − i.</param>
/// <param name="Peepholes">Of an LSTM: [3·H], order <paramref name="PeepholeOrder"/>.</param>
/// <param name="PeepholeOrder">Letters i, f, o.</param>
/// <param name="Projection">Of an LSTM: [P, H].</param>
/// <param name="InitialHidden">The state h begins at [OutputSize]; zero.</param>
/// <param name="InitialCell">The state c begins at [H]; zero.</param>
internal sealed record CellVariant(
    ActivationFunction? GateActivation = null,
    ActivationFunction? Activation = null,
    ActivationFunction? OutputActivation = null,
    double? Clip = null,
    double? CellClip = null,
    bool CoupledForget = false,
    SourceTensor? Peepholes = null,
    string PeepholeOrder = "ifo",
    SourceTensor? Projection = null,
    SourceTensor? InitialHidden = null,
    SourceTensor? InitialCell = null)
{
    /// <summary>The plain cell.</summary>
    public static CellVariant Plain { get; } = new();
}
