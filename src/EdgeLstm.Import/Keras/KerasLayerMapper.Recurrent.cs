// The recurrent layers of Keras.  Weights: kernel [I, gates·H], recurrent_kernel [H, gates·H], bias [gates·H] or [2, gates·H];
// gates i f c o of an LSTM, z r h of a GRU. Keras 1 keeps one matrix for each gate; CuDNN layers keep blocks of their own order.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.Keras;

internal sealed partial class KerasLayerMapper
{
    private void MapRecurrent(KerasLayer layer)
    {
        RequireSequence(layer);
        ConfigNode config = layer.Config;
        if (config.Flag("go_backwards", false))
        {
            throw config.Refuse("go_backwards=True reads a window from its end, which a stream does not have; train it forward");
        }

        if (config.Flag("time_major", false))
        {
            throw config.Refuse("time_major=True; expected samples as [batch, time, features]. Save it with time_major=False");
        }

        KerasLayer cell = layer.ClassName == "RNN" ? CellOf(layer) : layer;
        AddCell(cell);
        _recurrentLayers++;
        _statefulLayers += config.Flag("stateful", false) ? 1 : 0;
        if (!config.Flag("return_sequences", false))
        {
            _form = SampleForm.Vector;
            _lastSequence = layer.Name;
        }
    }

    private void RequireSequence(KerasLayer layer)
    {
        if (_form == SampleForm.Sequence)
        {
            return;
        }

        throw layer.Config.Refuse(_lastSequence is { } before
            ? $"reads a sequence, but '{QuotedText.Of(before)}' before it gives only the last result of a window "
                + "(return_sequences=False); train that one with return_sequences=True"
            : "reads a sequence, but the model's input has no axis of time; expected [batch, samples, features]");
    }

    private static KerasLayer CellOf(KerasLayer layer)
    {
        KerasLayer cell = layer.Inner("cell");
        return cell.ClassName switch
        {
            "LSTMCell" => cell with { ClassName = "LSTM" },
            "GRUCell" => cell with { ClassName = "GRU" },
            "SimpleRNNCell" => cell with { ClassName = "SimpleRNN" },
            "StackedRNNCells" => throw LayerRefusals.Of(cell),
            _ => throw layer.Config.Refuse(
                $"has a cell of class '{QuotedText.Of(cell.ClassName)}'; expected LSTMCell, GRUCell or SimpleRNNCell"),
        };
    }

    private void AddCell(KerasLayer layer)
    {
        switch (layer.ClassName)
        {
            case "LSTM":
                AddLstm(layer);
                return;
            case "GRU":
                AddGru(layer);
                return;
            case "SimpleRNN":
                AddSimpleRnn(layer);
                return;
            default:
                AddCudnn(layer, layer.ClassName == "CuDNNLSTM");
                return;
        }
    }

    private void AddLstm(KerasLayer layer)
    {
        (ActivationFunction activation, ActivationFunction gate) = ActivationsOf(layer);
        SourceTensor[] weights = GateWeights(layer, 12);
        if (weights.Length == 12)
        {
            weights = Keras1Weights.JoinLstm(layer, weights);
        }

        _builder.AddLstm(
            layer.Name, GateOrder.Lstm, Transposed(layer, weights[0]), Transposed(layer, weights[1]), weights[2..],
            new CellVariant(gate, activation, activation));
        ExpectUnits(layer);
    }

    private void AddGru(KerasLayer layer)
    {
        (ActivationFunction activation, ActivationFunction gate) = ActivationsOf(layer);
        SourceTensor[] weights = GateWeights(layer, 9);
        if (weights.Length == 9)
        {
            weights = Keras1Weights.JoinGru(layer, weights);
        }

        SourceTensor? bias = weights.Length > 2 ? weights[2] : null;
        GruReset reset = ResetOf(layer, bias);
        bool hasTwo = reset == GruReset.After && bias is not null;
        if (hasTwo && bias!.Shape is not [2, _])
        {
            throw layer.Config.Refuse($"reset_after=True, but the bias '{QuotedText.Of(bias.Name)}' has shape {bias.ShapeText}; "
                + "expected [2, 3·units]");
        }

        _builder.AddGru(
            layer.Name, GateOrder.UpdateFirstGru, Transposed(layer, weights[0]), Transposed(layer, weights[1]),
            hasTwo ? bias!.Slice(0) : bias, hasTwo ? bias!.Slice(1) : null, reset, new CellVariant(gate, activation));
        ExpectUnits(layer);
    }

    // Two rows of bias exist only where the reset acts after the product. Without bias nothing but the flag tells.
    private GruReset ResetOf(KerasLayer layer, SourceTensor? bias)
    {
        if (layer.Config.Has("reset_after"))
        {
            return layer.Config.Flag("reset_after", false) ? GruReset.After : GruReset.Before;
        }

        bool isAfter = bias?.Shape is [2, _];
        if (_version.Major >= 2 && !_version.IsTensorFlowJs)
        {
            _warnings.Add(
                $"GRU '{QuotedText.Of(layer.Name)}' does not say reset_after; assumed {(isAfter ? "True" : "False")}, "
                + (isAfter
                    ? "as its two rows of bias show."
                    : "which a missing flag means to Keras. Check the outputs with --io."));
        }

        return isAfter ? GruReset.After : GruReset.Before;
    }

    private void AddSimpleRnn(KerasLayer layer)
    {
        ActivationFunction activation = CellActivation(layer, "activation", Activation.Tanh);
        SourceTensor[] weights = GateWeights(layer, 3);
        _builder.AddRnn(
            layer.Name, Transposed(layer, weights[0]), Transposed(layer, weights[1]), weights[2..],
            new CellVariant(Activation: activation));
        ExpectUnits(layer);
    }

    private void AddCudnn(KerasLayer layer, bool isLstm)
    {
        int gates = isLstm ? 4 : 3;
        SourceTensor[] weights = WeightsOf(layer, 3, $"kernel, recurrent_kernel and bias of {2 * gates}·units");
        CudnnWeights cell = CudnnWeights.Read(layer, weights, gates);
        if (isLstm)
        {
            _builder.AddLstm(layer.Name, GateOrder.Lstm, cell.Input, cell.Recurrent, [cell.InputBias, cell.RecurrentBias]);
        }
        else
        {
            _builder.AddGru(
                layer.Name, GateOrder.UpdateFirstGru, cell.Input, cell.Recurrent, cell.InputBias, cell.RecurrentBias,
                GruReset.After);
        }

        ExpectUnits(layer);
    }

    private (ActivationFunction Activation, ActivationFunction Gate) ActivationsOf(KerasLayer layer)
    {
        string key = layer.Config.Has("inner_activation") ? "inner_activation" : "recurrent_activation";
        if (!layer.Config.Element.TryGetProperty(key, out _))
        {
            _warnings.Add($"Layer '{QuotedText.Of(layer.Name)}' does not say recurrent_activation; assumed "
                + $"{_version.UsualGateActivation}, the default of {_version.Program}.");
        }

        ActivationFunction gate = CellActivation(layer, key, _version.UsualGateActivation);
        if (gate.Kind == Activation.HardSigmoid && _version.Text is null)
        {
            _warnings.Add($"The file does not say its version of Keras; hard_sigmoid of layer '{QuotedText.Of(layer.Name)}' was "
                + "taken as "
                + $"that of Keras {_version.Major}: {gate}. Keras 1 and 2 and Keras 3 differ: check the outputs with --io.");
        }

        return (CellActivation(layer, "activation", Activation.Tanh), gate);
    }

    private ActivationFunction CellActivation(KerasLayer layer, string key, ActivationFunction usual)
    {
        ActivationFunction activation = KerasActivation.Read(layer.Config, key, _version, usual);
        return activation.IsElementwise
            ? activation
            : throw layer.Config.Refuse($"'{key}' is {activation}, which is not applied unit by unit; a recurrent layer needs "
                + "that");
    }

    // Keras 1 keeps as many single matrices as `apart` says; its layers always have a bias.
    private SourceTensor[] GateWeights(KerasLayer layer, int apart)
    {
        bool hasBias = layer.Config.Flag("use_bias", true);
        IReadOnlyList<KerasWeight> weights = _weights.Of(layer);
        bool isKnown = weights.Count == (hasBias ? 3 : 2) || (weights.Count == apart && hasBias);
        return isKnown
            ? [.. weights.Select(weight => weight.Read())]
            : throw WrongCount(layer, weights, hasBias ? "kernel, recurrent_kernel and bias" : "kernel and recurrent_kernel");
    }

    private static SourceTensor Transposed(KerasLayer layer, SourceTensor matrix) =>
        matrix is { Shape.Length: 2, Values.Length: > 0 }
        ? matrix.Transpose()
        : throw layer.Config.Refuse($"tensor '{QuotedText.Of(matrix.Name)}' has shape {matrix.ShapeText}; expected a matrix");

    private void ExpectUnits(KerasLayer layer)
    {
        string key = layer.Config.Has("units") ? "units" : "output_dim";
        int units = layer.Config.Whole(key, _builder.OutputSize);
        if (units != _builder.OutputSize)
        {
            throw layer.Config.Refuse($"'{key}' is {units}, but its weights are those of {_builder.OutputSize}");
        }
    }
}
