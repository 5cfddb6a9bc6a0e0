// One way to read the numbers of an io.json: which axis is time, physical or network values, over windows or the whole sequence.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Trust;

/// <summary>Which values the samples and outputs of a file are.</summary>
internal enum ReplayValues
{
    /// <summary>Those the network reads and gives.</summary>
    Network,

    /// <summary>Inputs in physical units, which the source scales itself; outputs as the network gives them.</summary>
    PhysicalInputs,

    /// <summary>Both in physical units.</summary>
    Physical,
}

/// <summary>A way to read a file.</summary>
/// <param name="Cut">The sequences.</param>
/// <param name="Values">What their numbers are.</param>
/// <param name="IsCarried">Whether the state is carried over the whole sequence.</param>
/// <param name="Manifest">The model, for scaling and window.</param>
internal sealed record ReplayReading(IoCut Cut, ReplayValues Values, bool IsCarried, ModelManifest Manifest)
{
    /// <summary>The window, where the sequences are answered by windows.</summary>
    public int? Window => IsCarried ? null : Manifest.Window;

    /// <summary>What is compared, for a person.</summary>
    public string Text
    {
        get
        {
            int least = Cut.Sequences.Min(sequence => sequence.X.Length);
            int most = Cut.Sequences.Max(sequence => sequence.X.Length);
            int count = Cut.Sequences.Count;
            string length = least == most ? $"{most}" : $"{least} to {most}";
            string[] words =
            [
                $"{count} {(count == 1 ? "sequence" : "sequences")} of {length} samples",
                Cut.Order,
                $"'{Cut.Output}' {(Cut.AnswersEach ? "of each sample" : "of the last sample")}",
                Values switch
                {
                    ReplayValues.PhysicalInputs => "inputs in physical units",
                    ReplayValues.Physical => "inputs and outputs in physical units",
                    _ => "",
                },
                Manifest.Window is { } window && IsCarried ? $"state carried over all samples, not windows of {window}" : "",
            ];
            return string.Join(", ", words.Where(word => word.Length > 0));
        }
    }

    /// <summary>Every way to read the cuts, the likeliest first.</summary>
    public static IEnumerable<ReplayReading> All(IReadOnlyList<IoCut> cuts, ModelManifest manifest)
    {
        bool scalesInputs = manifest.Inputs.Any(input => input.Offset != 0 || input.Scale != 1);
        bool scalesOutputs = manifest.Outputs.Any(
            output => output.Offset != 0 || output.Scale != 1 || output.RelativeTo is not null);
        ReplayValues[] values =
        [
            ReplayValues.Network,
            .. scalesInputs ? [ReplayValues.PhysicalInputs] : Array.Empty<ReplayValues>(),
            .. scalesOutputs ? [ReplayValues.Physical] : Array.Empty<ReplayValues>(),
        ];
        foreach (IoCut cut in cuts)
        {
            foreach (ReplayValues value in values)
            {
                bool hasState = cut.Sequences[0].States is not null;
                bool isLonger = cut.Sequences.Any(sequence => sequence.X.Length > manifest.Window);
                if (!hasState)
                {
                    yield return new ReplayReading(cut, value, false, manifest);
                }

                // States given from outside are those of one sequence; a window begins anew by itself.
                if (hasState || isLonger)
                {
                    yield return new ReplayReading(cut, value, true, manifest);
                }
            }
        }
    }

    /// <summary>Sequence <paramref name="index"/> with the values the network reads and gives.</summary>
    public IoSequence Take(int index)
    {
        IoSequence sequence = Cut.Sequences[index];
        if (Values == ReplayValues.Network)
        {
            return sequence;
        }

        double[][] x = Array.ConvertAll(sequence.X, sample => Map(
            sample, (value, k) => (value - Manifest.Inputs[k].Offset) * Manifest.Inputs[k].Scale));
        return Values == ReplayValues.PhysicalInputs
            ? sequence with { X = x }
            : sequence with { X = x, Y = ToNetwork(sequence) };
    }

    private double[][] ToNetwork(IoSequence sequence)
    {
        int first = sequence.X.Length - sequence.Y.Length;
        double[][] outputs = new double[sequence.Y.Length][];
        for (int t = 0; t < outputs.Length; t++)
        {
            double[] sample = sequence.X[first + t];
            outputs[t] = Map(sequence.Y[t], (value, k) =>
            {
                OutputManifest output = Manifest.Outputs[k];
                double relative = output.RelativeTo is null ? 0 : sample[Manifest.IndexOfInput(output.RelativeTo)];
                return (value - output.Offset - relative) * output.Scale;
            });
        }

        return outputs;
    }

    private static double[] Map(double[] values, Func<double, int, double> map)
    {
        double[] mapped = new double[values.Length];
        for (int k = 0; k < values.Length; k++)
        {
            mapped[k] = map(values[k], k);
        }

        return mapped;
    }
}
