// The two forms of the gated recurrent unit.

namespace EdgeLstm.Core.Layers;

/// <summary>Where the reset gate r of a gated recurrent unit acts.</summary>
public enum GruReset
{
    /// <summary>On h before the product: n = tanh(W·x + R·(r ⊙ h) + b).</summary>
    Before,

    /// <summary>On the product: n = tanh(W·x + b_n + r ⊙ (R·h + b_hn)).</summary>
    After,
}
