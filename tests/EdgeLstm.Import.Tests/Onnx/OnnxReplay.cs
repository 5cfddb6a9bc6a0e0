// Steps an imported network over the inputs of a reference and keeps every output and the last states, sequence by sequence.

using EdgeLstm.Core.Models;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.Onnx;

/// <summary>Outputs of one sequence.</summary>
/// <param name="Steps">[steps][OutputSize].</param>
/// <param name="State">The last state, in the order of the network.</param>
internal sealed record ReplayedSequence(List<double[]> Steps, double[] State);

/// <summary>Holds a network of one recurrent layer against the outputs Y, Y_h and Y_c of its node.</summary>
internal static class OnnxReplay
{
    /// <summary>Runs each sequence of x for its length.</summary>
    /// <param name="model">The network.</param>
    /// <param name="x">[T, B, I], or [B, T, I] with layout 1.</param>
    /// <param name="layout">Of the node.</param>
    /// <param name="lengths">Of the sequences; null: all of T.</param>
    /// <param name="h">Initial h, [D, B, H] or [B, D, H]; null: that of the model.</param>
    /// <param name="c">Initial c.</param>
    public static List<ReplayedSequence> Run(
        ImportedModel model, IoArray x, int layout, double[]? lengths = null, IoArray? h = null, IoArray? c = null)
    {
        (int time, int batch) = layout == 0 ? (x.Shape[0], x.Shape[1]) : (x.Shape[1], x.Shape[0]);
        int inputs = x.Shape[2];
        List<ReplayedSequence> sequences = [];
        for (int b = 0; b < batch; b++)
        {
            var network = new ReferenceNetwork(model.Layers);
            if (h is not null || c is not null)
            {
                network.WriteState([.. Row(h, b, batch, network, 0), .. c is null && !IsLstm(model)
                    ? []
                    : Row(c, b, batch, network, 1)]);
            }

            List<double[]> steps = [];
            for (int t = 0; t < (lengths is null ? time : (int)lengths[b]); t++)
            {
                int row = layout == 0 ? (t * batch) + b : (b * time) + t;
                steps.Add(network.Step(x.Data[(row * inputs)..((row + 1) * inputs)]));
            }

            sequences.Add(new ReplayedSequence(steps, network.ReadState()));
        }

        return sequences;
    }

    /// <summary>Asserts that Y, Y_h or Y_c is met within the tolerance; returns how many values were compared.</summary>
    public static int AssertOutput(string name, IoArray expected, List<ReplayedSequence> found, int layout)
    {
        int compared = 0;
        int size = expected.Shape[^1];
        int batch = found.Count;
        for (int b = 0; b < batch; b++)
        {
            (List<double[]> steps, double[] state) = (found[b].Steps, found[b].State);
            for (int t = 0; name == "Y" && t < steps.Count; t++)
            {
                int row = layout == 0 ? (t * batch) + b : (b * expected.Shape[1]) + t;
                compared += AssertRow($"Y at step {t}, sequence {b}", expected, row, steps[t]);
            }

            // What an empty sequence gives differs between engines; a stream has none.
            if (name != "Y" && steps.Count > 0)
            {
                compared += AssertRow($"{name} of sequence {b}", expected, b, name == "Y_h" ? state[..size] : state[size..]);
            }
        }

        return compared;
    }

    private static double[] Row(IoArray? state, int b, int batch, ReferenceNetwork network, int which)
    {
        int size = state is null ? network.StateSize / 2 : state.Data.Length / batch;
        return state is null ? network.ReadState()[(which * size)..((which + 1) * size)]
            : state.Data[(b * size)..((b + 1) * size)];
    }

    private static bool IsLstm(ImportedModel model) => model.Layers[0].Manifest.Kind == LayerKind.Lstm;

    private static int AssertRow(string what, IoArray expected, int row, double[] found)
    {
        for (int k = 0; k < found.Length; k++)
        {
            double wanted = expected.Data[(row * found.Length) + k];
            double deviation = Math.Abs(found[k] - wanted) / Math.Max(1, Math.Abs(wanted));
            Assert.True(deviation <= Conformance.Tolerance, $"{what}, value {k}: found {found[k]:R}, expected {wanted:R}");
        }

        return found.Length;
    }
}
