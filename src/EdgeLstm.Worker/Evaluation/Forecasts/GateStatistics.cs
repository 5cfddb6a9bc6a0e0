// Means and deviations of every gate over some rows, computed from the weights beside a network that carries the state.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Looks into the plain LSTM and GRU layers of a model.</summary>
/// <remarks>Kernels keep no gates: each layer is stepped alone, and its gates are computed from its input and its state
/// before.</remarks>
internal static class GateStatistics
{
    // Bounds the time to about a second: of more rows every k-th is looked at.
    private const double MostProducts = 4e8;

    /// <summary>Measures the gates.</summary>
    /// <param name="model">The model.</param>
    /// <param name="table">Its inputs, in its order.</param>
    /// <param name="measured">Rows to look at; the state is carried through all rows before.</param>
    /// <param name="notes">Receives why a layer is not shown.</param>
    /// <returns>Each gate of each layer that can be looked into.</returns>
    public static IReadOnlyList<GateActivity> Measure(Model model, SeriesTable table, RowRange measured, List<string> notes)
    {
        if (FindReasonAgainst(model) is { } reason)
        {
            notes.Add($"Gates are not shown: {reason}.");
            return [];
        }

        ISequenceModel network = model.CreateNetwork(VectorWidths.Best);
        GateProbe?[] probes = Probes(model, network, notes);
        double products = 0;
        foreach (GateProbe? probe in probes)
        {
            products += probe?.Products ?? 0;
        }

        if (products > 0)
        {
            Run(model.Manifest, network, probes, table, measured, Math.Max(1, (int)(products * measured.Count / MostProducts)));
        }

        List<GateActivity> activities = [];
        foreach (GateProbe? probe in probes)
        {
            activities.AddRange(probe?.Activities() ?? []);
        }

        return activities;
    }

    private static string? FindReasonAgainst(Model model) => model switch
    {
        { Manifest.Window: not null } => "the model reads windows, each from a zero state",
        { Precision: WeightPrecision.Int8 } => "the weights are stored in int8",
        _ => null,
    };

    private static GateProbe?[] Probes(Model model, ISequenceModel network, List<string> notes)
    {
        SafetensorsFile file = SafetensorsFile.Open(model.Path);
        GateProbe?[] probes = new GateProbe?[network.Layers.Count];
        for (int k = 0; k < probes.Length; k++)
        {
            LayerManifest layer = model.Manifest.Layers[k];
            bool hasGates = layer.Kind is LayerKind.Lstm or LayerKind.Gru;
            if (hasGates && !IsPlain(layer))
            {
                notes.Add($"Gates of layer {layer.Name} are not shown: it is a variant of its cell.");
            }
            else if (hasGates)
            {
                probes[k] = GateProbe.Create(layer, file);
            }
        }

        return probes;
    }

    private static bool IsPlain(LayerManifest layer) =>
        (layer.GateActivation?.Kind ?? Activation.Sigmoid) == Activation.Sigmoid
        && (layer.Activation?.Kind ?? Activation.Tanh) == Activation.Tanh
        && layer is { Clip: null, CellClip: null, HiddenSize: null } && layer.CoupledForget != true;

    private static void Run(
        ModelManifest manifest, ISequenceModel network, GateProbe?[] probes, SeriesTable table, RowRange measured, int every)
    {
        float[] held = new float[table.Channels.Count];
        foreach (RowRange stretch in table.Stretches)
        {
            held.AsSpan().Fill(float.NaN);
            network.ResetState();
            for (int row = stretch.Begin; row < Math.Min(stretch.End, measured.End); row++)
            {
                if (TryHold(table, row, held))
                {
                    bool isTaken = row >= measured.Begin && (row - measured.Begin) % every == 0;
                    Step(manifest, network, isTaken ? probes : null, held);
                }
            }
        }
    }

    // A missing reading counts as the last one.
    private static bool TryHold(SeriesTable table, int row, float[] held)
    {
        bool isWhole = true;
        for (int channel = 0; channel < held.Length; channel++)
        {
            float value = table[row, channel];
            held[channel] = float.IsFinite(value) ? value : held[channel];
            isWhole &= float.IsFinite(held[channel]);
        }

        return isWhole;
    }

    private static void Step(ModelManifest manifest, ISequenceModel network, GateProbe?[]? probes, float[] values)
    {
        float[] x = new float[values.Length];
        for (int channel = 0; channel < x.Length; channel++)
        {
            x[channel] = manifest.Inputs[channel].Standardize(values[channel]);
        }

        for (int k = 0; k < network.Layers.Count; k++)
        {
            Layer layer = network.Layers[k];
            if (probes?[k] is { } probe)
            {
                layer.ReadState(probe.State);
                probe.Take(x);
            }

            float[] y = new float[layer.OutputSize];
            layer.Step(x, y);
            x = y;
        }
    }
}
