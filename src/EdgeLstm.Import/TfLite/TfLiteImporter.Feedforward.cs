// The operators without a state: dense, activations, constants that are added or multiplied, and those that move axes.
//
//   FULLY_CONNECTED   inputs: 0 x   1 W [O, I]   2 b [O];  options: 0 activation   1 weights_format   2 keep_num_dims
//   SOFTMAX           options: 0 beta          LEAKY_RELU  0 alpha          GELU  0 approximate
//   ADD SUB MUL DIV   options: 0 activation
//   TRANSPOSE         input 1: order           RESHAPE SQUEEZE EXPAND_DIMS  the shape of the output says it
//   STRIDED_SLICE     inputs 1 begin   2 end   3 strides;  options: masks 0 begin   1 end   2 ellipsis   3 new axis
//                     4 shrink axis;  5 offset
//
// Source: tensorflow/lite/schema/schema.fbs and the kernels of these operators.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.TfLite;

internal sealed partial class TfLiteImporter
{
    private void AddDense(TfLiteOperator op)
    {
        RequireFeatures(op);
        SourceTensor w = Weights(op, 1);
        if (op.Inputs[0] != _current || w.Shape.Length != 2)
        {
            throw _file.Refuse($"{op.Item}: tensor '{w.Name}' has shape {w.ShapeText}; expected weights [outputs, inputs]");
        }

        if (w.Columns != _axes.Features)
        {
            throw _file.Refuse($"{op.Item} reads {w.Columns} values of '{_model.Tensor(_current).Name}', a sample of which has "
                + $"{_axes.Features}: it sees more than one sample at once; expected one, or the whole window");
        }

        if (op.Options?.Byte(1) is > 0)
        {
            throw _file.Refuse($"{op.Item} has shuffled weights; expected the default weights_format");
        }

        if (!(op.Options?.Boolean(2) ?? false) && !_axes.TryJoinRows(_time?.Label))
        {
            throw _file.Refuse($"{op.Item} joins the axes of batch and time; expected a batch of 1: convert it with one");
        }

        _builder.AddDense(Name(op, "dense"), w, WeightsIfAny(op, 2), Fused(op, op.Options?.Byte(0) ?? 0));
        _axes.SetFeatures(_builder.OutputSize);
    }

    // W·[all samples of the window]: a convolution as long as the window gives the same at its last sample.
    private bool TryAddWindowDense(TfLiteOperator op)
    {
        int window = _flattened > 0 ? _flattened : _axes.WindowOf(_time);
        if (window == 0 || op.Inputs[0] != _current)
        {
            return false;
        }

        SourceTensor w = Weights(op, 1);
        int features = _flattened > 0 ? _axes.Features / window : _axes.Features;
        if (w.Shape.Length != 2 || w.Columns != (long)window * features)
        {
            return false;
        }

        if (window > MaxKernelSize || op.Options?.Byte(1) is > 0)
        {
            throw _file.Refuse($"{op.Item} sees {window} samples at once; expected at most {MaxKernelSize}, with the default "
                + "weights_format");
        }

        _builder.AddConv1d(
            Name(op, "window_dense"), w.Reshape(w.Rows, window, features), WeightsIfAny(op, 2), 1,
            Fused(op, op.Options?.Byte(0) ?? 0));
        _axes = new TfLiteAxes([1, w.Rows]);
        _flattened = 0;
        _warnings.Add($"{op.Item} sees all {window} samples of a window at once: it has become a convolution over the last "
            + $"{window}.");
        return true;
    }

    private void AddScale(TfLiteOperator op)
    {
        RequireFeatures(op);
        int constant = op.Inputs.Length == 2 && op.Inputs[0] == _current ? 1 : 0;
        if (op.Inputs.Length != 2 || op.Inputs[0] == op.Inputs[1] || !Input(op, constant).IsConstant)
        {
            throw _file.Refuse($"{op.Item} joins two computed values; expected a chain of layers without branches");
        }

        if (op.Code == TfLiteCode.Div && constant == 0)
        {
            throw _file.Refuse($"{op.Item} divides a constant by the values, which is not supported");
        }

        float[] values = Broadcast(op, Weights(op, constant));
        float[] scale = new float[values.Length];
        float[] shift = new float[values.Length];
        for (int k = 0; k < values.Length; k++)
        {
            (scale[k], shift[k]) = op.Code switch
            {
                TfLiteCode.Add => (1, values[k]),
                TfLiteCode.Sub => constant == 1 ? (1, -values[k]) : (-1, values[k]),
                TfLiteCode.Mul => (values[k], 0),
                _ => (1 / values[k], 0f),
            };
        }

        string name = Name(op, "scale");
        _builder.AddScale(
            name, new SourceTensor("scale", [scale.Length], scale), new SourceTensor("shift", [shift.Length], shift));
        _builder.AddActivation(Name(op, "activation"), Fused(op, op.Options?.Byte(0) ?? 0));
    }

    // A constant of one value, or of one for each value of a sample.
    private float[] Broadcast(TfLiteOperator op, SourceTensor constant)
    {
        if (_axes.Features > Layer.MaxSize)
        {
            throw _file.Refuse($"{op.Item} reads samples of {_axes.Features} values; the limit is {Layer.MaxSize}");
        }

        if (constant.Values.Length == 1)
        {
            float[] values = new float[_axes.Features];
            values.AsSpan().Fill(constant.Values[0]);
            return values;
        }

        return constant.Values.Length == _axes.Features && constant.Shape[^1] == _axes.Features
            ? constant.Values
            : throw _file.Refuse($"{op.Item}: tensor '{constant.Name}' has shape {constant.ShapeText}; expected one value, or "
                + $"[{_axes.Features}], the same for every sample");
    }

    private void Reshape(TfLiteOperator op)
    {
        TfLiteTensor output = _model.Tensor(op.Outputs[0]);
        if (op.Inputs[0] == _current && _flattened == 0 && _axes.TryFlatten(_time, output.Shape, out int window))
        {
            _flattened = window;
        }
        else if (op.Inputs[0] != _current || _flattened > 0 || !_axes.TryReshape(output.Shape))
        {
            throw _file.Refuse($"{op.Item} makes {output.ShapeText} of {_model.Tensor(_current).ShapeText}: it joins or splits "
                + "axes of time and values; expected that only axes of size 1 come or go");
        }
    }

    private void Transpose(TfLiteOperator op)
    {
        int[] order = _model.Whole(Input(op, 1));
        if (op.Inputs[0] != _current || !_axes.TryTranspose(order))
        {
            throw _file.Refuse($"{op.Item} has the order [{string.Join(", ", order)}]; expected each of {_axes.Count} axes once");
        }
    }

    // The last step of a sequence, all else whole.
    private void TakeLastStep(TfLiteOperator op)
    {
        int[] begin = _model.Whole(Input(op, 1));
        int[] end = _model.Whole(Input(op, 2));
        int[] strides = _model.Whole(Input(op, 3));
        bool fits = op.Inputs[0] == _current && begin.Length == _axes.Count && end.Length == _axes.Count
            && strides.Length == _axes.Count && op.Options is { } options && options.Int32(2) == 0 && options.Int32(3) == 0
            && !options.Boolean(5);
        int taken = -1;
        bool isShrunk = false;
        for (int axis = 0; fits && axis < _axes.Count; axis++)
        {
            isShrunk |= (op.Options!.Value.Int32(4) >> axis & 1) != 0;
            if (IsWhole(op.Options.Value, axis, begin[axis], end[axis], strides[axis]))
            {
                continue;
            }

            fits = taken < 0 && IsLast(op.Options.Value, axis, begin[axis], end[axis], strides[axis]);
            taken = axis;
        }

        if (!fits)
        {
            throw _file.Refuse($"{op.Item} takes a part of '{_model.Tensor(_current).Name}' {_model.Tensor(_current).ShapeText} "
                + "that is not the last step of its sequence; expected that one, or all");
        }

        if (taken >= 0)
        {
            _axes.Take(taken, isShrunk);
        }
    }

    // Where the length is open only the mask says the end.
    private bool IsWhole(FlatTable options, int axis, int begin, int end, int stride)
    {
        int size = _axes[axis].Size;
        bool isFirst = Bit(options, 0, axis) || begin == 0;
        bool isToEnd = Bit(options, 1, axis) || (end >= size && !IsOpen(_axes[axis].Label));
        return stride == 1 && isFirst && isToEnd && !Bit(options, 4, axis);
    }

    // Behind the recurrent layers, on their axis of time. Where its length is open only −1 is the last.
    private bool IsLast(FlatTable options, int axis, int begin, int end, int stride)
    {
        (int label, int size) = _axes[axis];
        bool isLastIndex = begin == -1 || (begin == size - 1 && !IsOpen(label));
        bool isOne = Bit(options, 4, axis) || Bit(options, 1, axis) || end >= size;
        return _time?.Label == label && !Bit(options, 0, axis) && stride == 1 && isLastIndex && isOne;
    }

    private static bool Bit(FlatTable options, int field, int axis) => (options.Int32(field) >> axis & 1) != 0;

    private ActivationFunction ActivationOf(TfLiteOperator op) => op.Code switch
    {
        TfLiteCode.Logistic => Activation.Sigmoid,
        TfLiteCode.Tanh => Activation.Tanh,
        TfLiteCode.Relu => Activation.Relu,
        TfLiteCode.ReluN1To1 => new ActivationFunction(Activation.Clamp, -1, 1),
        TfLiteCode.Relu6 => new ActivationFunction(Activation.Clamp, 0, 6),
        TfLiteCode.Relu0To1 => new ActivationFunction(Activation.Clamp, 0, 1),
        TfLiteCode.Elu => new ActivationFunction(Activation.Elu, 1),
        TfLiteCode.Exp => Activation.Exponential,
        TfLiteCode.Gelu => op.Options?.Boolean(0) ?? false ? Activation.GeluTanh : Activation.Gelu,
        TfLiteCode.LeakyRelu => new ActivationFunction(Activation.LeakyRelu, Finite(op, op.Options?.Single(0) ?? 0)),
        TfLiteCode.Softmax when op.Options?.Single(0) == 1 => Activation.Softmax,
        TfLiteCode.Softmax => throw _file.Refuse(FormattableString.Invariant(
            $"{op.Item} has beta {op.Options?.Single(0) ?? 0}; expected 1")),
        _ => throw _file.Refuse($"{op.Item} {TfLiteOperators.Why(op.Name)}"),
    };

    private float Finite(TfLiteOperator op, float value) => float.IsFinite(value)
        ? value
        : throw _file.Refuse(FormattableString.Invariant($"{op.Item} has alpha {value}; expected a finite number"));

    // ActivationFunctionType.
    private ActivationFunction Fused(TfLiteOperator op, int type) => type switch
    {
        0 => Activation.Linear,
        1 => Activation.Relu,
        2 => new ActivationFunction(Activation.Clamp, -1, 1),
        3 => new ActivationFunction(Activation.Clamp, 0, 6),
        4 => Activation.Tanh,
        _ => throw _file.Refuse($"{op.Item} has the fused activation {type}; expected none, relu, relu6, relu_n1_to_1 or tanh"),
    };
}
