// Why a class of Keras layers cannot run sample by sample, and what to do instead.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Keras;

/// <summary>The refusals by class.</summary>
internal static class LayerRefusals
{
    /// <summary>The refusal of a layer whose class is not imported.</summary>
    public static ModelFileException Of(KerasLayer layer) =>
        layer.Config.Refuse($"is of class {QuotedText.Of(layer.ClassName)}: {Reason(layer.ClassName)}");

    private static string Reason(string className) => className switch
    {
        "Bidirectional" => "its backward half needs the future, which a stream does not have; train it with the layer inside "
            + "alone",
        "RepeatVector" => "it repeats the result of a whole window over time (encoder and decoder), which is no stream; train a "
            + "Dense layer "
            + "with as many outputs as forecast steps",
        "Embedding" => "it reads whole numbers, not measured values; feed its vectors as inputs",
        "Attention" or "AdditiveAttention" or "MultiHeadAttention" or "GroupQueryAttention" =>
            "it reads the whole window at once, which is no stream; train without it",
        "Lambda" => "it is Python code, which is never executed; replace it by layers of Keras",
        "PReLU" => "its slopes are trained for each unit, which cannot be represented; use LeakyReLU",
        "ConvLSTM1D" or "ConvLSTM2D" or "ConvLSTM3D" or "ConvLSTM1DCell" or "ConvLSTM2DCell" =>
            "it reads pictures; expected LSTM, GRU or SimpleRNN",
        "Concatenate" or "Add" or "Subtract" or "Multiply" or "Average" or "Maximum" or "Minimum" or "Dot" or "Merge" =>
            "it merges several tensors; expected a chain of layers",
        "Sequential" or "Model" or "Functional" =>
            "it is a model inside the model; put its layers into the outer model and save that",
        "Permute" => "it exchanges axes; train with [batch, samples, features]",
        "ZeroPadding1D" or "Cropping1D" or "UpSampling1D" => "it changes the number of samples, so that it cannot run sample by "
            + "sample",
        "StackedRNNCells" => "cells on each other; use one recurrent layer for each cell",
        _ when className.Contains("Pooling", StringComparison.Ordinal) =>
            "it gathers samples of a window into one, so that it cannot run sample by sample; use return_sequences=False instead",
        _ when className.Contains("Conv", StringComparison.Ordinal) =>
            "only Conv1D with padding='causal' and strides=1 runs sample by sample",
        _ => "it is not imported; expected LSTM, GRU, SimpleRNN, CuDNNLSTM, CuDNNGRU, Dense, TimeDistributed, Conv1D, "
            + "BatchNormalization, LayerNormalization, Normalization, Rescaling or an activation",
    };
}
