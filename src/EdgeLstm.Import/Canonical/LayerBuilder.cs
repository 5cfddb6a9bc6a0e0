// Brings the weights of a layer, as a file holds them, into the canonical form of a model file:  W [gates·H, I], gates i f g o or
// r z n, one bias; and says in words what was found.

using System.Globalization;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Canonical;

/// <summary>Collects the layers of one file, first to last.</summary>
/// <remarks>
/// Every size is checked against what the layer before gives and against its own other tensors, every value must be finite: a
/// file that breaks this is refused with the layer's name, what was found and what was expected.
/// </remarks>
internal sealed partial class LayerBuilder
{
    private const int MaxLayers = 64;
    private const int MaxNameLength = 32;

    private readonly SourceFile _file;
    private readonly List<ImportedLayer> _layers = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public LayerBuilder(SourceFile file) => _file = file;

    /// <summary>The layers so far; refuses a file without any.</summary>
    public IReadOnlyList<ImportedLayer> Layers =>
        _layers.Count > 0 ? _layers : throw _file.Refuse("holds no layer that can be run; expected an LSTM, GRU or RNN");

    /// <summary>Whether a layer has been added.</summary>
    public bool IsEmpty => _layers.Count == 0;

    /// <summary>Outputs of the last layer so far; 0 before the first.</summary>
    public int OutputSize => _layers.Count > 0 ? _layers[^1].Manifest.OutputSize : 0;

    /// <summary>Adds a long short-term memory layer.</summary>
    /// <param name="source">The name the file gives the layer.</param>
    /// <param name="gates">Order of the row blocks, letters i f g o.</param>
    /// <param name="w">Input weights [4·H, I].</param>
    /// <param name="r">Recurrent weights [4·H, H], or [4·H, P] with a projection.</param>
    /// <param name="biases">Biases [4·H], which are added up; none is zero.</param>
    /// <param name="variant">What tells it from the plain cell.</param>
    public void AddLstm(
        string source,
        string gates,
        SourceTensor w,
        SourceTensor r,
        IReadOnlyList<SourceTensor> biases,
        CellVariant? variant = null)
    {
        variant ??= CellVariant.Plain;
        int hidden = CheckGates(source, w, 4, biases);
        int output = variant.Projection?.Rows ?? hidden;
        Expect(source, r, 4 * hidden, output);
        string name = NewName(source);
        List<Tensor> tensors = Gates(name, gates, GateOrder.Lstm, w, r, Sum(biases, 4 * hidden));
        if (variant.Peepholes is { } peepholes)
        {
            Expect(source, peepholes, 3 * hidden);
            tensors.Add(Checked(source, $"{name}.weight_peephole", GateOrder.Reorder(peepholes, variant.PeepholeOrder, "ifo")));
        }

        if (variant.Projection is { } projection)
        {
            Expect(source, projection, output, hidden);
            tensors.Add(Checked(source, $"{name}.weight_hr", projection));
        }

        bool hasInitial = variant.InitialHidden is not null || variant.InitialCell is not null;
        if (hasInitial)
        {
            tensors.Add(Initial(source, $"{name}.initial_h", variant.InitialHidden, output));
            tensors.Add(Initial(source, $"{name}.initial_c", variant.InitialCell, hidden));
        }

        var manifest = new LayerManifest(
            name, LayerKind.Lstm, w.Columns, output,
            Activation: Unless(variant.Activation, Activation.Tanh),
            Peepholes: variant.Peepholes is null ? null : true,
            GateActivation: Unless(variant.GateActivation, Activation.Sigmoid),
            OutputActivation: Unless(variant.OutputActivation, Activation.Tanh),
            Clip: variant.Clip,
            CellClip: variant.CellClip,
            CoupledForget: variant.CoupledForget ? true : null,
            HiddenSize: variant.Projection is null ? null : hidden,
            InitialState: hasInitial ? true : null);
        Add(source, manifest, tensors, $"gates {Spaced(gates)}");
    }

    /// <summary>Adds a gated recurrent unit layer.</summary>
    /// <param name="source">The name the file gives the layer.</param>
    /// <param name="gates">Order of the row blocks, letters r z n.</param>
    /// <param name="w">Input weights [3·H, I].</param>
    /// <param name="r">Recurrent weights [3·H, H].</param>
    /// <param name="inputBias">[3·H]; null is zero.</param>
    /// <param name="recurrentBias">[3·H]; its n stays inside r ⊙ (…) where the reset acts after; null is zero.</param>
    /// <param name="reset">Where r acts.</param>
    /// <param name="variant">What tells it from the plain cell.</param>
    public void AddGru(
        string source,
        string gates,
        SourceTensor w,
        SourceTensor r,
        SourceTensor? inputBias,
        SourceTensor? recurrentBias,
        GruReset reset,
        CellVariant? variant = null)
    {
        variant ??= CellVariant.Plain;
        SourceTensor[] biases = [.. new[] { inputBias, recurrentBias }.OfType<SourceTensor>()];
        int hidden = CheckGates(source, w, 3, biases);
        Expect(source, r, 3 * hidden, hidden);
        string name = NewName(source);
        bool isApart = reset == GruReset.After;
        SourceTensor bias = Sum(biases, 3 * hidden);
        float[] inner = new float[hidden];
        if (isApart && recurrentBias is not null)
        {
            int n = gates.IndexOf('n', StringComparison.Ordinal) * hidden;
            inner = recurrentBias.Values[n..(n + hidden)];
            (inputBias?.Values ?? new float[3 * hidden]).AsSpan(n, hidden).CopyTo(bias.Values.AsSpan(n));
        }

        List<Tensor> tensors = Gates(name, gates, GateOrder.Gru, w, r, bias);
        if (isApart)
        {
            tensors.Add(Checked(source, $"{name}.bias_hn", new SourceTensor("recurrent bias of n", [hidden], inner)));
        }

        if (variant.InitialHidden is { } initial)
        {
            tensors.Add(Initial(source, $"{name}.initial_h", initial, hidden));
        }

        var manifest = new LayerManifest(
            name, LayerKind.Gru, w.Columns, hidden, reset,
            Activation: Unless(variant.Activation, Activation.Tanh),
            GateActivation: Unless(variant.GateActivation, Activation.Sigmoid),
            Clip: variant.Clip,
            InitialState: variant.InitialHidden is null ? null : true);
        Add(source, manifest, tensors, $"gates {Spaced(gates)}, reset {(isApart ? "after" : "before")} the recurrent product");
    }

    /// <summary>Adds a plain recurrent layer.</summary>
    /// <param name="source">The name the file gives the layer.</param>
    /// <param name="w">Input weights [H, I].</param>
    /// <param name="r">Recurrent weights [H, H].</param>
    /// <param name="biases">Biases [H], which are added up; none is zero.</param>
    /// <param name="variant">What tells it from the plain cell.</param>
    public void AddRnn(
        string source, SourceTensor w, SourceTensor r, IReadOnlyList<SourceTensor> biases, CellVariant? variant = null)
    {
        variant ??= CellVariant.Plain;
        int hidden = CheckGates(source, w, 1, biases);
        Expect(source, r, hidden, hidden);
        string name = NewName(source);
        List<Tensor> tensors = Gates(name, "h", "h", w, r, Sum(biases, hidden));
        if (variant.InitialHidden is { } initial)
        {
            tensors.Add(Initial(source, $"{name}.initial_h", initial, hidden));
        }

        var manifest = new LayerManifest(
            name, LayerKind.Rnn, w.Columns, hidden,
            Activation: variant.Activation ?? Activation.Tanh,
            Clip: variant.Clip,
            InitialState: variant.InitialHidden is null ? null : true);
        Add(source, manifest, tensors, "");
    }

    private List<Tensor> Gates(string name, string from, string to, SourceTensor w, SourceTensor r, SourceTensor bias) =>
    [
        Checked(name, $"{name}.weight_ih", GateOrder.Reorder(w, from, to)),
        Checked(name, $"{name}.weight_hh", GateOrder.Reorder(r, from, to)),
        Checked(name, $"{name}.bias", GateOrder.Reorder(bias, from, to)),
    ];

    // The rows of w say H; everything else must agree with it.
    private int CheckGates(string source, SourceTensor w, int gates, IReadOnlyList<SourceTensor> biases)
    {
        int hidden = w.Shape.Length == 2 ? w.Rows / gates : 0;
        if (hidden < 1 || w.Rows % gates != 0 || w.Columns < 1)
        {
            throw _file.Refuse(
                $"layer '{Shown(source)}': tensor '{Shown(w.Name)}' has shape {w.ShapeText}; "
                + $"expected [{gates}·hidden size, inputs]");
        }

        foreach (SourceTensor bias in biases)
        {
            Expect(source, bias, gates * hidden);
        }

        return hidden;
    }

    private Tensor Initial(string source, string name, SourceTensor? values, int size)
    {
        SourceTensor initial = values ?? new SourceTensor("zero state", [size], new float[size]);
        Expect(source, initial, size);
        return Checked(source, name, initial);
    }

    private static SourceTensor Sum(IReadOnlyList<SourceTensor> biases, int size)
    {
        float[] sum = new float[size];
        foreach (SourceTensor bias in biases)
        {
            for (int k = 0; k < size; k++)
            {
                sum[k] += bias.Values[k];
            }
        }

        return new SourceTensor("bias", [size], sum);
    }

    private static ActivationFunction? Unless(ActivationFunction? function, Activation usual) =>
        function?.Kind == usual ? null : function;

    private static string Spaced(string gates) => string.Join(' ', gates.ToCharArray());

    private static string Shown(string text) => QuotedText.Of(text);

    private static string Number(double value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
