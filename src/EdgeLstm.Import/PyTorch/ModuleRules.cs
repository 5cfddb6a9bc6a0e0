// Tells by a module's tensors what it computes: weight_ih → recurrent, weight [O, I] → Linear, running_mean → BatchNorm1d, weight
// and bias [n] → LayerNorm; everything else is refused by name.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.PyTorch;

/// <summary>Recognises modules.</summary>
internal static class ModuleRules
{
    private const string ExportAdvice = "export the model to ONNX, which says what it computes";

    /// <summary>Finds out the kind and the sizes of a module.</summary>
    /// <exception cref="ModelFileException">It is none that can run on a stream, or its tensors do not say.</exception>
    public static void Classify(SourceFile file, StateModule module)
    {
        RefuseByName(file, module);
        if (module.Parts.Exists(part => RecurrentWeights.IsPart(part.Key)))
        {
            module.Layers = RecurrentWeights.Read(file, module);
            Set(module, ModuleKind.Recurrent, module.Layers[0].W.Shape[1], module.Layers[^1].OutputSize);
            return;
        }

        StateTensor? weight = module.Find("weight");
        StateTensor? mean = module.Find("running_mean");
        string[] known = mean is null ? ["weight", "bias"] : ["weight", "bias", "running_mean", "running_var"];
        foreach ((string part, StateTensor tensor) in module.Parts)
        {
            if (!known.Contains(part) || !tensor.IsReal)
            {
                throw file.Refuse($"tensor '{Shown(tensor)}' {tensor.ShapeText} belongs to no layer that is known here (LSTM, "
                    + $"GRU, RNN, "
                    + $"Linear, BatchNorm1d, LayerNorm); {ExportAdvice}");
            }
        }

        if (mean is not null)
        {
            SetBatchNorm(file, module, mean);
        }
        else if (weight is { Shape.Length: 2 })
        {
            RefuseEmbedding(file, module, weight);
            Set(module, ModuleKind.Linear, weight.Shape[1], weight.Shape[0]);
        }
        else if (weight is { Shape.Length: 1 } && module.Find("bias") is { Shape.Length: 1 })
        {
            Set(module, ModuleKind.LayerNorm, weight.Shape[0], weight.Shape[0]);
        }
        else
        {
            throw Unknown(file, module);
        }
    }

    private static void RefuseByName(SourceFile file, StateModule module)
    {
        bool isAttention = module.Path.Contains("attn", StringComparison.OrdinalIgnoreCase)
            || module.Path.Contains("attention", StringComparison.OrdinalIgnoreCase)
            || module.Parts.Exists(part => part.Key.StartsWith("in_proj_", StringComparison.Ordinal));
        if (isAttention)
        {
            throw file.Refuse($"tensor '{Shown(module.Parts[0].Value)}' belongs to an attention layer, which looks at a whole "
                + $"sequence "
                + "at once and cannot run on a stream; a recurrent model without attention can");
        }

        StateTensor? parameter = module.Find("weight_g")
            ?? (module.Path.Contains("parametrizations", StringComparison.Ordinal) ? module.Parts[0].Value : null);
        if (parameter is not null)
        {
            throw file.Refuse($"tensor '{Shown(parameter)}' belongs to a parametrised weight (weight_norm, spectral_norm): "
                + "remove the parametrisation (torch.nn.utils.parametrize.remove_parametrizations or remove_weight_norm) and "
                + "save again");
        }
    }

    private static void SetBatchNorm(SourceFile file, StateModule module, StateTensor mean)
    {
        if (mean.Shape.Length != 1 || module.Find("running_var") is not { Shape.Length: 1 })
        {
            throw file.Refuse($"tensor '{Shown(mean)}' {mean.ShapeText} has no running_var beside it, or is no vector; "
                + $"expected both [n]");
        }

        Set(module, ModuleKind.BatchNorm, mean.Shape[0], mean.Shape[0]);
    }

    private static void RefuseEmbedding(SourceFile file, StateModule module, StateTensor weight)
    {
        if (module.Find("bias") is null && module.Path.Contains("emb", StringComparison.OrdinalIgnoreCase))
        {
            throw file.Refuse($"tensor '{Shown(weight)}' {weight.ShapeText} is an Embedding, a table for words or categories; "
                + $"sensors "
                + "give numbers, so it has no place here");
        }
    }

    private static ModelFileException Unknown(SourceFile file, StateModule module)
    {
        StateTensor tensor = module.Find("weight") ?? module.Parts[0].Value;
        return file.Refuse(tensor.Shape.Length switch
        {
            3 => $"tensor '{Shown(tensor)}' {tensor.ShapeText} belongs to a Conv1d, whose padding, stride and dilation are "
                + $"not in a "
                + $"state_dict; {ExportAdvice}",
            1 => $"tensor '{Shown(tensor)}' {tensor.ShapeText} stands alone: a PReLU, an RMSNorm or a norm without bias, which a "
                + $"state_dict does not tell apart; {ExportAdvice}",
            _ => $"tensor '{Shown(tensor)}' {tensor.ShapeText} belongs to no layer that is known here (LSTM, GRU, RNN, Linear, "
                + $"BatchNorm1d, LayerNorm); {ExportAdvice}",
        });
    }

    private static void Set(StateModule module, ModuleKind kind, int inputs, int outputs) =>
        (module.Kind, module.InputSize, module.OutputSize) = (kind, inputs, outputs);

    private static string Shown(StateTensor tensor) => QuotedText.Of(tensor.Name);
}
