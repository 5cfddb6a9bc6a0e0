// Tests that look at the whole process: its collections, its environment.

namespace EdgeLstm.Worker.Tests;

/// <summary>Classes of this collection run one after another when all others are done.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "runs alone";
}
