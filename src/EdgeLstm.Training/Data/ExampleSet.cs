// What a network learns from: standardised inputs and targets of consecutive rows, and which of them count.

namespace EdgeLstm.Training.Data;

/// <summary>Rows in the order of time. A row whose weight of a target is 0 is read, but that target is not learned
/// from.</summary>
/// <param name="InputSize">Inputs I of a row.</param>
/// <param name="TargetCount">Targets K of a row.</param>
/// <param name="Inputs">Standardised inputs, all finite [rows, I].</param>
/// <param name="Targets">Standardised targets; any finite number where the weight is 0 [rows, K].</param>
/// <param name="Weights">0, or how much a target counts [rows, K].</param>
/// <param name="Stretches">Rows that follow each other without a gap, in order; a state is never carried from one to the
/// next.</param>
public sealed record ExampleSet(
    int InputSize,
    int TargetCount,
    float[] Inputs,
    float[] Targets,
    float[] Weights,
    IReadOnlyList<RowRange> Stretches)
{
    /// <summary>Number of rows.</summary>
    public int Rows => Inputs.Length / InputSize;
}

/// <summary>Rows from one to before another.</summary>
/// <param name="Begin">The first.</param>
/// <param name="End">One behind the last.</param>
public readonly record struct RowRange(int Begin, int End)
{
    /// <summary>Number of rows.</summary>
    public int Count => End - Begin;

    /// <summary>The rows that both have.</summary>
    public RowRange Intersect(RowRange other)
    {
        int begin = Math.Max(Begin, other.Begin);
        return new RowRange(begin, Math.Max(begin, Math.Min(End, other.End)));
    }
}
