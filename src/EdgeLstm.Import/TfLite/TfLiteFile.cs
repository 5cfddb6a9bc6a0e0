// What of the TensorFlow Lite schema (version 3) a network needs; the numbers are fields of its tables.
//
//   Model         0 version   1 operator_codes [OperatorCode]   2 subgraphs [SubGraph]   4 buffers [Buffer]
//   OperatorCode  0 deprecated_builtin_code i8   1 custom_code   3 builtin_code i32; the code is the greater of the two
//   SubGraph      0 tensors [Tensor]   1 inputs [i32]   2 outputs [i32]   3 operators [Operator]
//   Tensor        0 shape [i32]   1 type i8   2 buffer u32   3 name   5 is_variable   6 sparsity   7 shape_signature [i32]
//                 A size that is open is 1 in shape and −1 in shape_signature.
//   Operator      0 opcode_index u32   1 inputs [i32], −1 left out   2 outputs [i32]   4 builtin_options
//   Buffer        0 data [u8]   1 offset u64, 2 size u64: data that lies behind the flat buffer
//
// Source: tensorflow/lite/schema/schema.fbs.

using System.Runtime.InteropServices;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.TfLite;

/// <summary>A tensor of the graph.</summary>
/// <param name="Name">As the file names it, made fit for a message.</param>
/// <param name="Shape">Sizes; an open one is 1.</param>
/// <param name="Signature">Sizes; an open one is −1. Empty where no size is open.</param>
/// <param name="Type">TensorType.</param>
/// <param name="IsVariable">Whether it is carried from run to run.</param>
/// <param name="IsSparse">Whether its data are packed.</param>
/// <param name="DataAt">Where its data start.</param>
/// <param name="DataLength">Their bytes; 0 of a tensor that is computed.</param>
internal sealed record TfLiteTensor(
    string Name, int[] Shape, int[] Signature, int Type, bool IsVariable, bool IsSparse, int DataAt, int DataLength)
{
    public const int Float32 = 0;
    public const int Float16 = 1;
    public const int Int32 = 2;

    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    public bool IsConstant => DataLength > 0;
}

/// <summary>An operator of the graph.</summary>
/// <param name="Index">Its place.</param>
/// <param name="Code">BuiltinOperator.</param>
/// <param name="Name">By the schema, or its author's where it is custom.</param>
/// <param name="Inputs">Tensors; −1 is left out.</param>
/// <param name="Outputs">Tensors.</param>
/// <param name="Options">Its options; null where it has none.</param>
internal sealed record TfLiteOperator(int Index, TfLiteCode Code, string Name, int[] Inputs, int[] Outputs, FlatTable? Options)
{
    /// <summary>For messages: <c>op 3 FULLY_CONNECTED</c>.</summary>
    public string Item => $"op {Index} {QuotedText.Of(Name)}";
}

/// <summary>A TensorFlow Lite model.</summary>
/// <remarks>
/// Tables are read when they are asked for. Limits: 4096 operators, 64 inputs of each, 8 axes; constants are read at most to
/// four times the file's size, however many tensors point at the same bytes.
/// </remarks>
internal sealed class TfLiteFile
{
    private const int MaxOperators = 4096;
    private const int MaxTensors = 64;
    private const int MaxAxes = 8;
    private const int MaxReadings = 4;
    private const int SchemaVersion = 3;

    private readonly FlatBuffer _buffer;
    private readonly FlatVector _codes;
    private readonly FlatVector _buffers;
    private readonly FlatVector _tensors;
    private readonly FlatVector _operators;
    private long _readBytes;

    /// <summary>Opens a file.</summary>
    /// <exception cref="ModelFileException">It is damaged, of another version, or without a subgraph.</exception>
    public TfLiteFile(SourceFile file)
    {
        File = file;
        _buffer = new FlatBuffer(file);
        FlatTable model = _buffer.Root();
        if (model.Int32(0) != SchemaVersion)
        {
            throw file.Refuse($"is of version {model.Int32(0)} of the TensorFlow Lite schema; expected {SchemaVersion}");
        }

        _codes = model.Vector(1, "the operator codes", sizeof(uint));
        _buffers = model.Vector(4, "the buffers", sizeof(uint));
        FlatVector subgraphs = model.Vector(2, "the subgraphs", sizeof(uint));
        SubgraphCount = subgraphs.Count;
        FlatTable graph = subgraphs.Table(0, "subgraph 0");
        _tensors = graph.Vector(0, "the tensors", sizeof(uint));
        Inputs = graph.Vector(1, "the inputs", sizeof(int)).ToArray(MaxTensors);
        Outputs = graph.Vector(2, "the outputs", sizeof(int)).ToArray(MaxTensors);
        _operators = graph.Vector(3, "the operators", sizeof(uint));
        if (_operators.Count > MaxOperators)
        {
            throw file.Refuse($"has {_operators.Count} operators; the limit is {MaxOperators}");
        }
    }

    public SourceFile File { get; }

    public int SubgraphCount { get; }

    /// <summary>Tensors that are given from outside.</summary>
    public int[] Inputs { get; }

    /// <summary>Tensors that are the result.</summary>
    public int[] Outputs { get; }

    public int OperatorCount => _operators.Count;

    /// <summary>Operator <paramref name="index"/>, in the order of execution.</summary>
    public TfLiteOperator Operator(int index)
    {
        FlatTable table = _operators.Table(index, $"op {index}");
        FlatTable code = _codes.Table(table.Int32(0), $"the code of op {index}");
        int builtin = Math.Max(code.Int32(3), (sbyte)code.Byte(0));
        string name = builtin == (int)TfLiteCode.Custom ? code.Text(1, "a custom code") : TfLiteOperators.Name(builtin);
        return new TfLiteOperator(
            index, (TfLiteCode)builtin, name,
            table.Vector(1, $"the inputs of op {index}", sizeof(int)).ToArray(MaxTensors),
            table.Vector(2, $"the outputs of op {index}", sizeof(int)).ToArray(MaxTensors),
            table.Table(4, $"the options of op {index}"));
    }

    /// <summary>Tensor <paramref name="index"/>.</summary>
    public TfLiteTensor Tensor(int index)
    {
        FlatTable table = _tensors.Table(index, $"tensor {index}");
        string name = QuotedText.Of(table.Text(3, $"the name of tensor {index}"));
        int[] shape = table.Vector(0, $"the shape of tensor {index}", sizeof(int)).ToArray(MaxAxes);
        if (Array.Exists(shape, size => size < 1))
        {
            throw File.Refuse($"tensor '{name}' has shape [{string.Join(", ", shape)}]; expected sizes of at least 1");
        }

        int[] signature = table.Vector(7, $"the signature of tensor {index}", sizeof(int)).ToArray(MaxAxes);
        (int at, int length) = Data(index, table.Int32(2));
        return new TfLiteTensor(
            name, shape, signature.Length == shape.Length ? signature : [], table.Byte(1), table.Boolean(5), table.Has(6), at,
            length);
    }

    /// <summary>The values of a constant of float32, or of float16.</summary>
    public SourceTensor Constant(TfLiteTensor tensor)
    {
        RequireFloat(tensor, mayBeHalf: true);
        if (!tensor.IsConstant)
        {
            throw File.Refuse($"tensor '{tensor.Name}' is computed; expected a constant: weights must stand in the file");
        }

        ReadOnlySpan<byte> data = DataOf(tensor, tensor.Type == TfLiteTensor.Float16 ? 2 : sizeof(float));
        if (tensor.Type != TfLiteTensor.Float16)
        {
            return new SourceTensor(tensor.Name, tensor.Shape, MemoryMarshal.Cast<byte, float>(data).ToArray());
        }

        ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(data);
        float[] values = new float[halves.Length];
        for (int k = 0; k < values.Length; k++)
        {
            values[k] = (float)halves[k];
        }

        return new SourceTensor(tensor.Name, tensor.Shape, values);
    }

    /// <summary>The whole numbers of a constant of int32, at most eight.</summary>
    public int[] Whole(TfLiteTensor tensor)
    {
        if (tensor.Type != TfLiteTensor.Int32 || !tensor.IsConstant || Elements(tensor) > MaxAxes)
        {
            throw File.Refuse($"tensor '{tensor.Name}' is {TfLiteOperators.Type(tensor.Type)} {tensor.ShapeText}; expected a "
                + $"constant of at most {MaxAxes} int32");
        }

        return MemoryMarshal.Cast<byte, int>(DataOf(tensor, sizeof(int))).ToArray();
    }

    /// <summary>Refuses a tensor that is quantised, packed or of another type.</summary>
    public void RequireFloat(TfLiteTensor tensor, bool mayBeHalf = false)
    {
        if (tensor.Type != TfLiteTensor.Float32 && !(mayBeHalf && tensor.Type == TfLiteTensor.Float16))
        {
            throw File.Refuse($"tensor '{tensor.Name}' is {TfLiteOperators.Type(tensor.Type)}; expected float32. The model is "
                + "quantised: convert without converter.optimizations");
        }

        if (tensor.IsSparse)
        {
            throw File.Refuse($"tensor '{tensor.Name}' is sparse; expected plain values: convert without pruning by sparsity");
        }
    }

    private ReadOnlySpan<byte> DataOf(TfLiteTensor tensor, int width)
    {
        long bytes = Elements(tensor) * width;
        if (bytes != tensor.DataLength)
        {
            throw File.Refuse($"tensor '{tensor.Name}' has shape {tensor.ShapeText} and {tensor.DataLength} bytes; expected "
                + $"{bytes}");
        }

        _readBytes += bytes;
        if (_readBytes > (long)MaxReadings * File.Bytes.Length)
        {
            throw File.Refuse($"tensor '{tensor.Name}': its operators read more than {MaxReadings} times the bytes of the file");
        }

        return _buffer.Bytes.Slice(tensor.DataAt, tensor.DataLength);
    }

    // Ends beyond what any file holds, so that it does not overflow.
    private static long Elements(TfLiteTensor tensor)
    {
        long count = 1;
        foreach (int size in tensor.Shape)
        {
            count = Math.Min(count * size, int.MaxValue);
        }

        return count;
    }

    private (int At, int Length) Data(int tensor, int index)
    {
        if (index == 0)
        {
            return (0, 0);
        }

        string item = $"the data of tensor {tensor}";
        FlatTable buffer = _buffers.Table(index, item);
        ulong at = buffer.UInt64(1);
        ulong length = buffer.UInt64(2);
        if (at <= 1)
        {
            FlatVector data = buffer.Vector(0, item, sizeof(byte));
            return (data.At, data.Count);
        }

        _buffer.Require(item, (long)Math.Min(at, long.MaxValue), (long)Math.Min(length, int.MaxValue));
        return ((int)at, (int)length);
    }
}
