// Writes small TensorFlow Lite models for the tests. Offsets of a flat buffer lead forward: each part is appended with empty
// offsets, which are filled in when the parts they lead to have been appended behind it.

using System.Buffers.Binary;
using System.Text;

namespace EdgeLstm.Import.Tests.TfLite;

/// <summary>A part of a flat buffer.</summary>
internal abstract record Part;

/// <summary>A table: fields by number; a null field is left out.</summary>
internal sealed record TablePart(params object?[] Fields) : Part;

/// <summary>A vector of tables.</summary>
internal sealed record TablesPart(IReadOnlyList<Part> Tables) : Part;

/// <summary>A vector of int32.</summary>
internal sealed record IntsPart(params int[] Values) : Part;

/// <summary>A vector of bytes.</summary>
internal sealed record BytesPart(byte[] Values) : Part;

/// <summary>Lays out parts: parents first, children behind them.</summary>
internal static class FlatBufferWriter
{
    public static byte[] Write(Part root, string identifier)
    {
        List<byte> bytes = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(identifier)];
        int at = Append(bytes, root);
        Patch(bytes, 0, at);
        return [.. bytes];
    }

    private static int Append(List<byte> bytes, Part part) => part switch
    {
        TablePart table => AppendTable(bytes, table),
        TablesPart tables => AppendTables(bytes, tables),
        IntsPart ints => AppendVector(bytes, ints.Values.Length, [.. ints.Values.SelectMany(BitConverter.GetBytes)]),
        BytesPart data => AppendVector(bytes, data.Values.Length, data.Values),
        _ => throw new ArgumentException("no such part", nameof(part)),
    };

    private static int AppendVector(List<byte> bytes, int count, byte[] data)
    {
        int at = bytes.Count;
        bytes.AddRange(BitConverter.GetBytes(count));
        bytes.AddRange(data);
        return at;
    }

    private static int AppendTables(List<byte> bytes, TablesPart tables)
    {
        int at = AppendVector(bytes, tables.Tables.Count, new byte[4 * tables.Tables.Count]);
        for (int k = 0; k < tables.Tables.Count; k++)
        {
            Patch(bytes, at + 4 + (4 * k), Append(bytes, tables.Tables[k]));
        }

        return at;
    }

    private static int AppendTable(List<byte> bytes, TablePart table)
    {
        int vtable = bytes.Count;
        int size = 4;
        ushort[] offsets = new ushort[table.Fields.Length];
        for (int k = 0; k < offsets.Length; k++)
        {
            offsets[k] = table.Fields[k] is null ? (ushort)0 : (ushort)size;
            size += table.Fields[k] is null ? 0 : Width(table.Fields[k]!);
        }

        bytes.AddRange(BitConverter.GetBytes((ushort)(4 + (2 * offsets.Length))));
        bytes.AddRange(BitConverter.GetBytes((ushort)size));
        bytes.AddRange(offsets.SelectMany(BitConverter.GetBytes));
        int at = bytes.Count;
        bytes.AddRange(BitConverter.GetBytes(at - vtable));
        foreach (object field in table.Fields.OfType<object>())
        {
            bytes.AddRange(Scalar(field));
        }

        for (int k = 0; k < offsets.Length; k++)
        {
            if (table.Fields[k] is Part part)
            {
                Patch(bytes, at + offsets[k], Append(bytes, part));
            }
        }

        return at;
    }

    private static int Width(object field) => Scalar(field).Length;

    private static byte[] Scalar(object field) => field switch
    {
        Part => new byte[4],
        int value => BitConverter.GetBytes(value),
        ulong value => BitConverter.GetBytes(value),
        float value => BitConverter.GetBytes(value),
        byte value => [value],
        bool value => [value ? (byte)1 : (byte)0],
        _ => throw new ArgumentException($"no such field: {field}", nameof(field)),
    };

    // An offset counts from the place where it stands.
    private static void Patch(List<byte> bytes, int place, int target)
    {
        byte[] offset = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(offset, target - place);
        for (int k = 0; k < 4; k++)
        {
            bytes[place + k] = offset[k];
        }
    }
}

/// <summary>A model under construction: tensors and operators by number.</summary>
internal sealed class TfLiteWriter
{
    private readonly List<Part> _tensors = [];
    private readonly List<Part> _buffers = [new TablePart()];
    private readonly List<Part> _codes = [];
    private readonly List<Part> _operators = [];

    public int Version { get; init; } = 3;

    public int Subgraphs { get; init; } = 1;

    public int[] Inputs { get; set; } = [];

    public int[] Outputs { get; set; } = [];

    /// <summary>A tensor that is computed, or a variable.</summary>
    public int Tensor(string name, int[] shape, bool isVariable = false, byte type = 0, int[]? signature = null) =>
        Add(name, shape, type, 0, isVariable, signature);

    /// <summary>A constant of float32.</summary>
    public int Constant(string name, int[] shape, params float[] values) =>
        Constant(name, shape, 0, [.. values.SelectMany(BitConverter.GetBytes)]);

    /// <summary>A constant of int32, one axis.</summary>
    public int Whole(string name, params int[] values) =>
        Constant(name, [values.Length], 2, [.. values.SelectMany(BitConverter.GetBytes)]);

    /// <summary>A constant of any type.</summary>
    public int Constant(string name, int[] shape, byte type, byte[] data)
    {
        _buffers.Add(new TablePart(new BytesPart(data)));
        return Add(name, shape, type, _buffers.Count - 1, false, null);
    }

    /// <summary>An operator.</summary>
    /// <param name="code">BuiltinOperator.</param>
    /// <param name="inputs">Tensors; −1 is left out.</param>
    /// <param name="output">The tensor it computes.</param>
    /// <param name="options">Fields of its options.</param>
    public void Operator(int code, int[] inputs, int output, params object?[] options) =>
        Operator(new TablePart((byte)Math.Min(code, 127), null, 1, code), inputs, output, options);

    /// <summary>A custom operator.</summary>
    public void Custom(string name, int[] inputs, int output) =>
        Operator(new TablePart((byte)32, new BytesPart(Encoding.UTF8.GetBytes(name)), 1, 32), inputs, output);

    /// <summary>An operator of an old file: its code stands in the deprecated field alone.</summary>
    public void Old(byte code, int[] inputs, int output, params object?[] options) =>
        Operator(new TablePart(code), inputs, output, options);

    public SourceFile File() => new("model.tflite", Bytes());

    public byte[] Bytes()
    {
        var graph = new TablePart(
            new TablesPart(_tensors), new IntsPart(Inputs), new IntsPart(Outputs), new TablesPart(_operators));
        return FlatBufferWriter.Write(
            new TablePart(
                Version, new TablesPart(_codes), new TablesPart([.. Enumerable.Repeat(graph, Subgraphs)]), null,
                new TablesPart(_buffers)),
            "TFL3");
    }

    private void Operator(Part code, int[] inputs, int output, params object?[] options)
    {
        _codes.Add(code);
        _operators.Add(new TablePart(
            _codes.Count - 1, new IntsPart(inputs), new IntsPart(output), (byte)1,
            options.Length == 0 ? null : new TablePart(options)));
    }

    private int Add(string name, int[] shape, byte type, int buffer, bool isVariable, int[]? signature)
    {
        _tensors.Add(new TablePart(
            new IntsPart(shape), type, buffer, new BytesPart(Encoding.UTF8.GetBytes(name)), null, isVariable, null,
            signature is null ? null : new IntsPart(signature)));
        return _tensors.Count - 1;
    }
}
