// The layers without recurrence, and what holds for every layer: names, sizes that chain, finite values.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Canonical;

internal sealed partial class LayerBuilder
{
    /// <summary>Adds a dense layer: y = activation(W·x + b).</summary>
    /// <param name="source">The name the file gives the layer.</param>
    /// <param name="w">Weights [O, I].</param>
    /// <param name="bias">[O]; null is zero.</param>
    /// <param name="activation">What follows.</param>
    public void AddDense(string source, SourceTensor w, SourceTensor? bias, ActivationFunction activation)
    {
        ExpectMatrix(source, w, "[outputs, inputs]");
        bias ??= new SourceTensor("no bias", [w.Rows], new float[w.Rows]);
        Expect(source, bias, w.Rows);
        string name = NewName(source);
        var manifest = new LayerManifest(name, LayerKind.Dense, w.Columns, w.Rows, Activation: activation);
        Add(source, manifest, [Checked(source, $"{name}.weight", w), Checked(source, $"{name}.bias", bias)], "");
    }

    /// <summary>Adds an activation; where the layer before is dense and linear, it becomes that layer's.</summary>
    public void AddActivation(string source, ActivationFunction activation)
    {
        if (activation.Kind == Activation.Linear)
        {
            return;
        }

        // Softmax stays a layer of its own behind a convolution: a classifier ends with a dense layer or an activation.
        bool mayMerge = !IsEmpty && (_layers[^1].Manifest.Kind == LayerKind.Dense
            || (_layers[^1].Manifest.Kind == LayerKind.Conv1d && activation.IsElementwise));
        if (mayMerge && _layers is [.., { Manifest.Activation.Kind: Activation.Linear } last])
        {
            _layers[^1] = last with
            {
                Manifest = last.Manifest with { Activation = activation },
                Found = last.Found.Replace(", linear", $", {activation}", StringComparison.Ordinal),
            };
            return;
        }

        RequireLayerBefore(source);
        string name = NewName(source);
        Add(source, new LayerManifest(name, LayerKind.Activation, OutputSize, OutputSize, Activation: activation), [], "");
    }

    /// <summary>Adds y = x ⊙ scale + shift.</summary>
    /// <param name="source">The name the file gives the layer.</param>
    /// <param name="scale">[n].</param>
    /// <param name="shift">[n].</param>
    public void AddScale(string source, SourceTensor scale, SourceTensor shift)
    {
        Expect(source, scale, scale.Rows);
        Expect(source, shift, scale.Rows);
        string name = NewName(source);
        var manifest = new LayerManifest(name, LayerKind.Scale, scale.Rows, scale.Rows);
        Add(source, manifest, [Checked(source, $"{name}.weight", scale), Checked(source, $"{name}.bias", shift)], "");
    }

    /// <summary>A batch normalisation with its trained statistics: (x − mean) / √(variance + epsilon) ⊙ gamma + beta.</summary>
    public void AddBatchNorm(
        string source, SourceTensor? gamma, SourceTensor? beta, SourceTensor mean, SourceTensor variance, double epsilon)
    {
        int size = mean.Rows;
        Expect(source, mean, size);
        Expect(source, variance, size);
        ExpectIfAny(source, gamma, size);
        ExpectIfAny(source, beta, size);
        float[] scale = new float[size];
        float[] shift = new float[size];
        for (int k = 0; k < size; k++)
        {
            double factor = (gamma?.Values[k] ?? 1.0) / Math.Sqrt(variance.Values[k] + epsilon);
            scale[k] = (float)factor;
            shift[k] = (float)((beta?.Values[k] ?? 0.0) - (mean.Values[k] * factor));
        }

        AddScale(source, new SourceTensor("scale", [size], scale), new SourceTensor("shift", [size], shift));
    }

    /// <summary>Adds a normalisation over the values of each sample.</summary>
    public void AddLayerNorm(string source, SourceTensor? gamma, SourceTensor? beta, int size, double epsilon)
    {
        ExpectIfAny(source, gamma, size);
        ExpectIfAny(source, beta, size);
        float[] ones = new float[size];
        ones.AsSpan().Fill(1);
        gamma ??= new SourceTensor("no gamma", [size], ones);
        beta ??= new SourceTensor("no beta", [size], new float[size]);
        string name = NewName(source);
        var manifest = new LayerManifest(name, LayerKind.LayerNorm, size, size, Epsilon: epsilon);
        Add(
            source, manifest, [Checked(source, $"{name}.weight", gamma), Checked(source, $"{name}.bias", beta)],
            $"epsilon {Number(epsilon)}");
    }

    /// <summary>Adds a causal convolution along time.</summary>
    /// <param name="source">The name the file gives the layer.</param>
    /// <param name="w">Weights [O, kernel size, I], the newest sample last.</param>
    /// <param name="bias">[O]; null is zero.</param>
    /// <param name="dilation">Distance of the samples it sees.</param>
    /// <param name="activation">What follows.</param>
    public void AddConv1d(string source, SourceTensor w, SourceTensor? bias, int dilation, ActivationFunction activation)
    {
        if (w.Shape.Length != 3 || w.Values.Length == 0)
        {
            throw _file.Refuse($"layer '{Shown(source)}': tensor '{Shown(w.Name)}' has shape {w.ShapeText}; expected three axes");
        }

        (int kernel, int inputs) = (w.Shape[1], w.Shape[2]);
        if (kernel > Conv1dWeights.MaxReach || dilation > Conv1dWeights.MaxReach
            || (long)kernel * inputs > Conv1dWeights.MaxColumns
            || (kernel - 1L) * dilation * inputs > Conv1dWeights.MaxStateSize)
        {
            throw _file.Refuse($"layer '{Shown(source)}' is a convolution of {kernel} samples of {inputs} values, dilation "
                + $"{dilation}; the limits are {Conv1dWeights.MaxReach} samples, a dilation of {Conv1dWeights.MaxReach}, "
                + $"{Conv1dWeights.MaxColumns} values in the kernel and {Conv1dWeights.MaxStateSize} kept between samples");
        }

        bias ??= new SourceTensor("no bias", [w.Rows], new float[w.Rows]);
        Expect(source, bias, w.Rows);
        string name = NewName(source);
        var manifest = new LayerManifest(
            name, LayerKind.Conv1d, w.Shape[2], w.Rows, Activation: activation, KernelSize: w.Shape[1],
            Dilation: dilation == 1 ? null : dilation);
        Add(
            source, manifest, [Checked(source, $"{name}.weight", w), Checked(source, $"{name}.bias", bias)],
            $"kernel of {w.Shape[1]} samples{(dilation == 1 ? "" : $", dilation {dilation}")}, causal");
    }

    private void Add(string source, LayerManifest manifest, List<Tensor> tensors, string detail)
    {
        if (_layers.Count == MaxLayers)
        {
            throw _file.Refuse($"has more than {MaxLayers} layers, the limit");
        }

        if (manifest.InputSize > Layer.MaxSize || manifest.OutputSize > Layer.MaxSize || manifest.HiddenSize > Layer.MaxSize)
        {
            throw _file.Refuse($"layer '{Shown(source)}' has {manifest.InputSize} inputs and {manifest.OutputSize} outputs; "
                + $"the limit is {Layer.MaxSize}");
        }

        if (!IsEmpty && OutputSize != manifest.InputSize)
        {
            throw _file.Refuse($"layer '{Shown(source)}' reads {manifest.InputSize} values, but "
                + $"'{_layers[^1].Manifest.Name}' before it gives {OutputSize}");
        }

        _layers.Add(new ImportedLayer(manifest, tensors, LayerText.Describe(source, manifest, detail)));
    }

    private Tensor Checked(string source, string name, SourceTensor tensor)
    {
        int wrong = Array.FindIndex(tensor.Values, value => !float.IsFinite(value));
        return wrong < 0
            ? new Tensor(name, tensor.Shape.ToArray(size => (long)size), tensor.Values)
            : throw _file.Refuse(FormattableString.Invariant(
                $"layer '{Shown(source)}': tensor '{Shown(tensor.Name)}' has the value {tensor.Values[wrong]} at index {wrong}; ")
                + "every weight must be a finite float32. The training has diverged: use an earlier checkpoint");
    }

    private void ExpectMatrix(string source, SourceTensor tensor, string meaning)
    {
        if (tensor.Shape.Length != 2 || tensor.Values.Length == 0)
        {
            throw _file.Refuse(
                $"layer '{Shown(source)}': tensor '{Shown(tensor.Name)}' has shape {tensor.ShapeText}; expected {meaning}");
        }
    }

    private void ExpectIfAny(string source, SourceTensor? tensor, int size)
    {
        if (tensor is not null)
        {
            Expect(source, tensor, size);
        }
    }

    private void Expect(string source, SourceTensor tensor, params ReadOnlySpan<int> shape)
    {
        if (!shape.SequenceEqual(tensor.Shape))
        {
            throw _file.Refuse($"layer '{Shown(source)}': tensor '{Shown(tensor.Name)}' has shape {tensor.ShapeText}; "
                + $"expected [{string.Join(", ", shape.ToArray())}]");
        }
    }

    private void RequireLayerBefore(string source)
    {
        if (IsEmpty)
        {
            throw _file.Refuse($"layer '{Shown(source)}' is the first one, so that nothing says how many values it reads");
        }
    }

    // Names of a model file: a–z, 0–9 and '_', at most 32, each once.
    private string NewName(string source)
    {
        char[] letters = source.ToLowerInvariant().ToArray(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '_');
        string name = new string(letters).Trim('_');
        name = name.Length switch
        {
            0 => "layer",
            > MaxNameLength => name[^MaxNameLength..].Trim('_'),
            _ => name,
        };
        string unique = name;
        for (int k = 2; !_names.Add(unique); k++)
        {
            string suffix = $"_{k}";
            unique = name[..Math.Min(name.Length, MaxNameLength - suffix.Length)] + suffix;
        }

        return unique;
    }
}
