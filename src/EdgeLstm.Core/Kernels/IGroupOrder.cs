// In which order a step takes the groups of units.

namespace EdgeLstm.Core.Kernels;

/// <summary>First to last, or last to first; a constant, so that small steps do not pay for the choice.</summary>
/// <remarks>Each group is computed from the old h alone, so their order does not show in the result.</remarks>
internal interface IGroupOrder
{
    static abstract bool IsBackward { get; }
}

/// <summary>First to last.</summary>
internal readonly struct ForwardOrder : IGroupOrder
{
    public static bool IsBackward => false;
}

/// <summary>Last to first.</summary>
internal readonly struct BackwardOrder : IGroupOrder
{
    public static bool IsBackward => true;
}
