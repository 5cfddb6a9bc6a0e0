// TensorFlow Lite: a graph of operators over tensors. A network that can be stepped is one chain of them, from its input to its
// output; operators that only move axes vanish, constants are its weights.

using EdgeLstm.Core.Models;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.TfLite;

/// <summary>Reads float32 models of TensorFlow Lite.</summary>
internal sealed partial class TfLiteImporter
{
    private const int MaxInputAxes = 3;

    // Of a convolution, in a model file.
    private const int MaxKernelSize = 1024;

    private readonly TfLiteFile _model;
    private readonly SourceFile _file;
    private readonly LayerBuilder _builder;

    // Weights that a DEQUANTIZE makes float32 of float16: its output and its input.
    private readonly Dictionary<int, int> _widened = [];
    private readonly TfLiteTensor _input;
    private readonly List<string> _warnings = [];
    private TfLiteAxes _axes;
    private int _current;

    // Samples of a window that a RESHAPE has made one axis; 0 where none has.
    private int _flattened;

    // Which axis of the input is time; known with the first recurrent operator.
    private TfLiteAxis? _time;

    private TfLiteImporter(SourceFile file)
    {
        _file = file;
        _model = new TfLiteFile(file);
        _builder = new LayerBuilder(file);
        RefuseUnreadOperators();
        RefuseSeveral("subgraphs", _model.SubgraphCount, "");
        RefuseSeveral("inputs", _model.Inputs.Length, Names(_model.Inputs));
        RefuseSeveral("outputs", _model.Outputs.Length, Names(_model.Outputs));
        _current = _model.Inputs[0];
        _input = _model.Tensor(_current);
        _model.RequireFloat(_input);
        if (_input.Shape.Length is < 1 or > MaxInputAxes)
        {
            throw file.Refuse($"input '{_input.Name}' has shape {_input.ShapeText}; expected [batch, time, features] or less");
        }

        _axes = new TfLiteAxes(_input.Shape);
    }

    /// <summary>Whether a file is a model of TensorFlow Lite.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => FlatBuffer.HasIdentifier(bytes, "TFL3"u8);

    /// <summary>Reads a model. Its layers are named by kind and operator: <c>lstm_3</c> is of op 3.</summary>
    /// <exception cref="ModelFileException">It is refused; the message says why.</exception>
    public static ImportedModel Read(SourceFile file) => new TfLiteImporter(file).Read();

    private ImportedModel Read()
    {
        for (int k = 0; k < _model.OperatorCount; k++)
        {
            Add(_model.Operator(k));
        }

        if (_current != _model.Outputs[0])
        {
            throw _file.Refuse($"its operators lead to tensor '{_model.Tensor(_current).Name}', not to its output "
                + $"'{_model.Tensor(_model.Outputs[0]).Name}'; expected a chain of layers");
        }

        bool isTimeFirst = _time?.Label == 0 && _input.Shape.Length == MaxInputAxes;
        return new ImportedModel(
            "TensorFlow Lite", _builder.Layers, Sequence(),
            isTimeFirst ? SampleAxes.TimeFirst : SampleAxes.BatchFirst, null, _warnings);
    }

    private void Add(TfLiteOperator op)
    {
        if (op.Code == TfLiteCode.Dequantize)
        {
            Widen(op);
            return;
        }

        if (Array.IndexOf(op.Inputs, _current) < 0 || op.Outputs.Length == 0)
        {
            throw _file.Refuse($"{op.Item} does not read tensor '{_model.Tensor(_current).Name}', which the operators before it "
                + "lead to; expected a chain of layers without branches");
        }

        switch (op.Code)
        {
            case TfLiteCode.FullyConnected when TryAddWindowDense(op):
                break;
            case TfLiteCode.UnidirectionalSequenceLstm:
                AddLstm(op);
                break;
            case TfLiteCode.UnidirectionalSequenceRnn:
                AddRnn(op);
                break;
            case TfLiteCode.FullyConnected:
                AddDense(op);
                break;
            case TfLiteCode.Add or TfLiteCode.Sub or TfLiteCode.Mul or TfLiteCode.Div:
                AddScale(op);
                break;
            case TfLiteCode.Reshape or TfLiteCode.Squeeze or TfLiteCode.ExpandDims:
                Reshape(op);
                break;
            case TfLiteCode.Transpose:
                Transpose(op);
                break;
            case TfLiteCode.StridedSlice:
                TakeLastStep(op);
                break;
            default:
                RequireFeatures(op);
                _builder.AddActivation(Name(op, "activation"), ActivationOf(op));
                break;
        }

        _current = op.Outputs[0];
        _model.RequireFloat(_model.Tensor(_current));
    }

    private void Widen(TfLiteOperator op)
    {
        TfLiteTensor source = Input(op, 0);
        if (!source.IsConstant || op.Outputs.Length != 1)
        {
            throw _file.Refuse($"{op.Item} makes values of {TfLiteOperators.Type(source.Type)} '{source.Name}' float32; "
                + "expected weights of float16. The model is quantised: convert without converter.optimizations");
        }

        _model.RequireFloat(source, mayBeHalf: true);
        _widened[op.Outputs[0]] = op.Inputs[0];
    }

    private void RefuseUnreadOperators()
    {
        for (int k = 0; k < _model.OperatorCount; k++)
        {
            TfLiteOperator op = _model.Operator(k);
            if (op.Code == TfLiteCode.Custom || !Enum.IsDefined(op.Code))
            {
                throw _file.Refuse($"{op.Item} {TfLiteOperators.Why(op.Name)}");
            }
        }
    }

    private void RefuseSeveral(string what, int count, string names)
    {
        if (count != 1)
        {
            throw _file.Refuse($"has {count} {what}{names}; expected 1. States that are given from outside are not read: "
                + "convert a model whose layers carry their own");
        }
    }

    private string Names(int[] tensors) =>
        tensors.Length == 0 ? "" : $" ('{string.Join("', '", Array.ConvertAll(tensors, index => _model.Tensor(index).Name))}')";

    private SequenceUse Sequence()
    {
        if (_time is not { } time)
        {
            return new SequenceUse(null, null, true);
        }

        if (IsOpen(time.Label))
        {
            return new SequenceUse(null, null, AnswersEach(time));
        }

        if (time.Size > 1)
        {
            return new SequenceUse(null, time.Size, AnswersEach(time));
        }

        _warnings.Add("The network reads one sample at a time, as it was converted: its state is carried on.");
        return new SequenceUse(true, null, true);
    }

    // Also where the outputs of all samples have been laid out on one axis.
    private bool AnswersEach(TfLiteAxis time) => _axes.Has(time.Label) || _flattened > 0;

    // Whether the file leaves the size of an axis of the input open.
    private bool IsOpen(int label) => label is 0 or 1 && label < _input.Signature.Length && _input.Signature[label] < 0;

    private static string Name(TfLiteOperator op, string kind) => $"{kind}_{op.Index}";

    private TfLiteTensor Input(TfLiteOperator op, int index)
    {
        int tensor = index < op.Inputs.Length ? op.Inputs[index] : -1;
        return tensor >= 0
            ? _model.Tensor(_widened.GetValueOrDefault(tensor, tensor))
            : throw _file.Refuse($"{op.Item} lacks input {index}");
    }

    private SourceTensor Weights(TfLiteOperator op, int index) => _model.Constant(Input(op, index));

    private SourceTensor? WeightsIfAny(TfLiteOperator op, int index) =>
        index < op.Inputs.Length && op.Inputs[index] >= 0 ? Weights(op, index) : null;

    private void RequireFeatures(TfLiteOperator op)
    {
        if (!_axes.EndsWithFeatures || _flattened > 0)
        {
            throw _file.Refuse($"{op.Item} works along an axis that is not the values of one sample; expected layers that see "
                + "one sample at a time");
        }
    }
}
