// The recurrent operators.
//
//   UNIDIRECTIONAL_SEQUENCE_LSTM  inputs: 0 x   1–4 W of i f c o [H, I]   5–8 R [H, P]   9–11 peepholes of i f o [H]
//                                 12–15 b [H]   16 projection [P, H]   17 its bias [P]   18 h, 19 c   20–23 layer normalisation
//                                 options: 0 activation (of g and of c)   1 cell_clip   2 proj_clip   3 time_major
//                                          5 diagonal_recurrent_tensors
//   Without 1 the gates are coupled: i = 1 − f, and f keeps its weights.
//   UNIDIRECTIONAL_SEQUENCE_RNN   inputs: 0 x   1 W [H, I]   2 R [H, H]   3 b [H]   4 h;  options: 0 time_major   1 activation
//
// Source: tensorflow/lite/kernels/unidirectional_sequence_lstm.cc, lstm_eval.cc, unidirectional_sequence_rnn.cc.

using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.TfLite;

internal sealed partial class TfLiteImporter
{
    private const int InputWeights = 1;
    private const int RecurrentWeights = 5;
    private const int Peepholes = 9;
    private const int Biases = 12;
    private const int Projection = 16;
    private const int ProjectionBias = 17;
    private const int HiddenState = 18;
    private const int CellState = 19;
    private const int LayerNormalisation = 20;

    private void AddLstm(TfLiteOperator op)
    {
        RequireSequence(op, op.Options?.Boolean(3) ?? false);
        RefuseUnreadOptions(op);
        RequireState(op, HiddenState);
        RequireState(op, CellState);
        bool isCoupled = op.Inputs[InputWeights] < 0;
        SourceTensor w = Gates(op, InputWeights, isCoupled);
        SourceTensor r = Gates(op, RecurrentWeights, isCoupled);
        SourceTensor bias = Gates(op, Biases, isCoupled);
        ActivationFunction activation = Fused(op, op.Options?.Byte(0) ?? 0);
        float cellClip = op.Options?.Single(1) ?? 0;
        SourceTensor? projection = WeightsIfAny(op, Projection);
        var variant = new CellVariant(
            Activation: activation,
            OutputActivation: activation,
            CellClip: cellClip > 0 ? cellClip : null,
            CoupledForget: isCoupled,
            Peepholes: PeepholesIfAny(op, isCoupled),
            Projection: projection);
        _builder.AddLstm(Name(op, "lstm"), GateOrder.Lstm, w, r, [bias], variant);
        _axes.SetFeatures(_builder.OutputSize);
    }

    private void AddRnn(TfLiteOperator op)
    {
        RequireSequence(op, op.Options?.Boolean(0) ?? false);
        RequireState(op, 4);
        ActivationFunction activation = Fused(op, op.Options?.Byte(1) ?? 0);
        _builder.AddRnn(
            Name(op, "rnn"), Weights(op, 1), Weights(op, 2), [Weights(op, 3)], new CellVariant(Activation: activation));
        _axes.SetFeatures(_builder.OutputSize);
    }

    // The axes must be [time, batch, features] or [batch, time, features], time the same for every recurrent operator.
    private void RequireSequence(TfLiteOperator op, bool isTimeMajor)
    {
        if (op.Inputs[0] != _current || _axes.Count != MaxInputAxes || !_axes.EndsWithFeatures)
        {
            throw _file.Refuse($"{op.Item} reads tensor '{Input(op, 0).Name}', which is not a sequence of the samples; expected "
                + "[batch, time, features]");
        }

        TfLiteAxis time = _axes[isTimeMajor ? 0 : 1];
        TfLiteAxis batch = _axes[isTimeMajor ? 1 : 0];
        _time ??= time;
        bool isSameTime = time.Label == _time.Label || (time.Size == 1 && _time.Size == 1);
        if (!isSameTime || (batch.Label != TfLiteAxis.Added && batch.Label == _time.Label))
        {
            throw _file.Refuse($"{op.Item} steps along another axis than the recurrent operator before it, with time_major "
                + $"{(isTimeMajor ? "true" : "false")}; expected time for both");
        }
    }

    private void RefuseUnreadOptions(TfLiteOperator op)
    {
        for (int k = LayerNormalisation; k < op.Inputs.Length; k++)
        {
            if (op.Inputs[k] >= 0)
            {
                throw _file.Refuse($"{op.Item} normalises its gates (input {k}, '{Input(op, k).Name}'), which is not supported; "
                    + "train it without layer normalisation inside the cell");
            }
        }

        if (op.Options is not { } options)
        {
            throw _file.Refuse($"{op.Item} has no options; expected its activation and cell_clip");
        }

        bool isProjected = Projection < op.Inputs.Length && op.Inputs[Projection] >= 0;
        if (isProjected && options.Single(2) != 0)
        {
            throw _file.Refuse(FormattableString.Invariant(
                $"{op.Item} has proj_clip {options.Single(2)}, which is not supported; expected 0, no clipping"));
        }

        if (!(options.Single(1) >= 0 && float.IsFinite(options.Single(1))))
        {
            throw _file.Refuse(FormattableString.Invariant(
                $"{op.Item} has cell_clip {options.Single(1)}; expected a bound of c, or 0 for none"));
        }

        if (options.Boolean(5))
        {
            throw _file.Refuse($"{op.Item} has diagonal recurrent weights, which are not supported; expected full matrices");
        }

        if (isProjected && WeightsIfAny(op, ProjectionBias) is { } bias && bias.Values.AsSpan().ContainsAnyExcept(0f))
        {
            throw _file.Refuse($"{op.Item} has a bias of its projection, '{Input(op, ProjectionBias).Name}', that is not 0, "
                + "which is not supported; train it without");
        }
    }

    // A state that is given from outside, or begins at constants, is no variable.
    private void RequireState(TfLiteOperator op, int index)
    {
        TfLiteTensor state = Input(op, index);
        if (!state.IsVariable || state.IsConstant)
        {
            throw _file.Refuse($"{op.Item}: its state, input {index} '{state.Name}', is no variable tensor; expected one that "
                + "begins at 0 and that the operator itself carries on");
        }
    }

    // Rows of gates i f g o. Coupled, i = 1 − f = σ(−a_f): the weights of f with the other sign.
    private SourceTensor Gates(TfLiteOperator op, int first, bool isCoupled)
    {
        SourceTensor forget = Weights(op, first + 1);
        SourceTensor input = isCoupled ? Negative(op, first, forget) : Weights(op, first);
        SourceTensor[] gates = [input, forget, Weights(op, first + 2), Weights(op, first + 3)];
        foreach (SourceTensor gate in gates)
        {
            if (gate.Shape.Length is < 1 or > 2 || !gate.Shape.AsSpan().SequenceEqual(forget.Shape))
            {
                throw _file.Refuse($"{op.Item}: tensor '{gate.Name}' has shape {gate.ShapeText} and '{forget.Name}' "
                    + $"{forget.ShapeText}; expected the same of all gates");
            }
        }

        float[] values = new float[4 * forget.Values.Length];
        for (int k = 0; k < gates.Length; k++)
        {
            gates[k].Values.CopyTo(values, k * forget.Values.Length);
        }

        return new SourceTensor(forget.Name, [4 * forget.Shape[0], .. forget.Shape[1..]], values);
    }

    private SourceTensor? PeepholesIfAny(TfLiteOperator op, bool isCoupled)
    {
        SourceTensor? forget = WeightsIfAny(op, Peepholes + 1);
        SourceTensor? output = WeightsIfAny(op, Peepholes + 2);
        if (forget is null && output is null)
        {
            return null;
        }

        if (forget is null || output is null)
        {
            throw _file.Refuse($"{op.Item} has peepholes of some gates only; expected inputs 10 and 11, of f and o");
        }

        SourceTensor input = isCoupled ? Negative(op, Peepholes, forget) : Weights(op, Peepholes);
        bool isEqual = input.Values.Length == forget.Values.Length && output.Values.Length == forget.Values.Length;
        return isEqual
            ? new SourceTensor(forget.Name, [3 * forget.Values.Length], [.. input.Values, .. forget.Values, .. output.Values])
            : throw _file.Refuse($"{op.Item}: its peepholes have {input.Values.Length}, {forget.Values.Length} and "
                + $"{output.Values.Length} values; expected as many of i, f and o");
    }

    private SourceTensor Negative(TfLiteOperator op, int absent, SourceTensor forget)
    {
        if (op.Inputs[absent] >= 0)
        {
            throw _file.Refuse($"{op.Item} lacks the input weights of i (input 1), but has input {absent} of i; expected all or "
                + "none");
        }

        float[] values = new float[forget.Values.Length];
        for (int k = 0; k < values.Length; k++)
        {
            values[k] = -forget.Values[k];
        }

        return forget with { Values = values };
    }
}
